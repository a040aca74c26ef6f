/** The matrix for those who have a passkey, and for applications that want one. */
import { aal2, check, row } from './matrix.ts'

const phr = { acr_values: 'phr' }
const alone = 'hwk mfa user'
const later = { first: 'email-code', at: 'shop' } as const

check([
  // It is a way in of its own, whatever the policy
  row('email passkey', 'passkey', 'shop', '', alone, 'phr'),
  row('email totp passkey', 'passkey', 'shop', '', alone, 'phr'),
  row('email password totp passkey', 'passkey', 'required', '', alone, 'phr'),
  row('username password passkey', 'passkey', 'vault', '', alone, 'phr'),
  row('email passkey', 'passkey', 'off', '', alone, 'phr', { ask: aal2 }),
  row('email passkey', 'passkey', 'off', '', alone, 'phr', { ask: phr }),

  // After something else
  row('email passkey', 'email-code', 'shop', 'email-code', 'email otp', 'aal1'),
  row('email passkey', 'email-code', 'enrolled', 'email-code', 'email otp', 'aal1'),
  row(
    'email passkey',
    'email-code',
    'required',
    'email-code passkey',
    'email hwk mfa otp user',
    'phr',
  ),
  row('email password passkey', 'password', 'shop', 'password passkey', 'hwk mfa pwd user', 'phr'),
  row(
    'username password passkey',
    'password',
    'enrolled',
    'password passkey',
    'hwk mfa pwd user',
    'phr',
  ),
  row('email password passkey', 'password', 'off', 'password', 'pwd', 'aal1'),
  row('email password passkey', 'password', 'vault', 'password passkey', 'hwk mfa pwd user', 'phr'),

  // Where it is asked for
  row('email passkey', 'email-code', 'off', 'email-code passkey', 'email hwk mfa otp user', 'phr', {
    ask: aal2,
  }),
  row(
    'email totp passkey',
    'email-code',
    'off',
    'email-code passkey',
    'email hwk mfa otp user',
    'phr',
    { ask: phr },
  ),

  // Somebody is signed in
  row('email passkey', 'email-code', 'shop', 'passkey', 'email hwk mfa otp user', 'phr', {
    earlier: later,
    ask: aal2,
  }),
  row('email passkey', 'email-code', 'shop', 'passkey', 'email hwk mfa otp user', 'phr', {
    earlier: later,
    ask: phr,
  }),
  row('email password passkey', 'password', 'enrolled', 'passkey', 'hwk mfa pwd user', 'phr', {
    earlier: { first: 'password', at: 'off' },
  }),
  row('email passkey', 'passkey', 'vault', '', alone, 'phr', {
    earlier: { first: 'passkey', at: 'shop' },
    ask: phr,
  }),
  row('email passkey', 'passkey', 'shop', 'passkey', alone, 'phr', {
    earlier: { first: 'passkey', at: 'shop' },
    ask: { ...phr, max_age: '0' },
  }),
])
