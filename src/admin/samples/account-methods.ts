import type {
  BackupCodesPage,
  IdentifierPage,
  MethodsPage,
  NewPasskeyPage,
  PasskeyPage,
  PasskeysPage,
  PasswordPage,
  TotpPage,
  TwoStepPage,
  VerifyPage,
} from '#src/account/pages.ts'
import { qrSvg } from '#src/verification/index.ts'
import { around, ownPage } from './account.ts'
import { email, phone, states } from './states.ts'

const own = { with: { page: ownPage } }
const wrong = (...problem: [code: 'incorrect_code', field: string]) => ({
  with: { page: ownPage, problem },
})

const entry = {
  verified: true,
  preferred: false,
  preferHref: null,
  removeHref: '/account/identifiers/a1/remove',
}

const uri = 'otpauth://totp/Avouch:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Avouch'
const scriptFor = (signals: readonly (readonly [method: string, about: object])[]) => ({
  options: '/account/passkeys/options',
  signals,
})
const day = 'November 27, 2026'

export const accountMethods = [
  ...states<MethodsPage>(
    'account/methods',
    {
      ...around,
      groups: [
        {
          type: 'email',
          addHref: '/account/emails/new',
          entries: [
            { ...entry, display: email, preferred: true },
            {
              ...entry,
              display: 'a.very.long.address.that.nobody.types@subdomain.of.example.com',
              preferHref: '/account/identifiers/a2/prefer',
            },
            { ...entry, display: 'imported@example.com', verified: false },
          ],
        },
        { type: 'phone', addHref: '/account/phones/new', entries: [] },
        {
          type: 'username',
          addHref: '/account/username',
          entries: [{ ...entry, display: 'anna' }],
        },
      ],
      password: { changedAt: day },
      passwordOffered: true,
      passkeys: 2,
      twoStep: true,
    },
    {
      'everything there is': own,
      'only an address': {
        groups: [
          {
            type: 'email',
            addHref: '/account/emails/new',
            entries: [{ ...entry, display: email }],
          },
          { type: 'username', addHref: '/account/username', entries: [] },
        ],
        password: null,
        passkeys: null,
        twoStep: false,
        notice: 'It is removed.',
        elsewhereHref: '/account/sessions/end-others',
        ...own,
      },
      'nothing of passwords': { password: null, passwordOffered: false, ...own },
    },
  ),
  ...states<IdentifierPage>(
    'account/identifier',
    { ...around, type: 'email', value: '', region: 'CH', regions: [] },
    {
      'an email address': own,
      'an address that is none': {
        value: 'anna@@example',
        with: { page: ownPage, problem: ['invalid_email', 'identifier'] },
      },
      'a phone number': {
        type: 'phone',
        regions: [
          { code: 'DE', name: 'Germany', calling: '+49' },
          { code: 'CH', name: 'Switzerland', calling: '+41' },
        ],
        ...own,
      },
      'a username that is taken': {
        type: 'username',
        value: 'anna',
        with: { page: ownPage, problem: ['username_taken', 'username'] },
      },
    },
  ),
  ...states<VerifyPage>(
    'account/verify',
    {
      ...around,
      type: 'email',
      destination: email,
      length: 6,
      ttlMinutes: 10,
      resendAfterSeconds: 30,
    },
    {
      'by email': own,
      'by text message, sent again': {
        type: 'phone',
        destination: phone,
        notice: 'A new code is on its way. Only that one works now.',
        ...own,
      },
      'a wrong code': wrong('incorrect_code', 'code'),
      'somebody else has it': {
        with: { page: ownPage, problem: ['identifier_taken', 'code'] },
      },
    },
  ),
  ...states<PasswordPage>(
    'account/password',
    {
      ...around,
      identifier: email,
      minLength: 8,
      has: true,
      signOut: true,
      removeHref: '/account/password/remove',
    },
    {
      'to change': own,
      'to set': { has: false, removeHref: null, ...own },
      'too common': {
        with: { page: ownPage, problem: ['password_too_common', 'new_password'] },
      },
    },
  ),
  ...states<TwoStepPage>(
    'account/two-step',
    { ...around, totp: { since: day }, backupCodes: { left: 7 }, passkeys: 1 },
    {
      on: own,
      off: { totp: null, backupCodes: null, passkeys: null, ...own },
    },
  ),
  ...states<TotpPage>(
    'account/totp',
    {
      ...around,
      key: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
      uri,
      qr: qrSvg(uri, 'QR code for your authenticator app. The setup key is below.'),
      account: email,
      replaces: false,
    },
    {
      'a first app': own,
      'another app, a wrong code': { replaces: true, ...wrong('incorrect_code', 'code') },
    },
  ),
  ...states<BackupCodesPage>(
    'account/backup-codes',
    {
      ...around,
      codes: Array.from({ length: 10 }, (_, i) => `7K2M-${i}QXF-9DPR-V4TB`),
      downloadHref: '/account/two-step/backup-codes.txt',
    },
    {
      'ten of them': own,
      'not saved yet': { with: { page: ownPage, problem: ['codes_not_saved', 'saved'] } },
    },
  ),
  ...states<PasskeysPage>(
    'account/passkeys',
    {
      ...around,
      on: true,
      passkey: scriptFor([['signalAllAcceptedCredentials', { rpId: 'shop.example' }]]),
      passkeys: [
        {
          name: 'iCloud Keychain',
          backedUp: true,
          createdAt: day,
          lastUsedAt: day,
          renameHref: '/account/passkeys/a1/rename',
          removeHref: '/account/passkeys/a1/remove',
        },
        {
          name: 'Security key',
          backedUp: false,
          createdAt: day,
          lastUsedAt: null,
          renameHref: '/account/passkeys/a2/rename',
          removeHref: '/account/passkeys/a2/remove',
        },
      ],
      addHref: '/account/passkeys/new',
    },
    { two: own, none: { passkeys: [], ...own }, 'not offered here': { on: false, ...own } },
  ),
  ...states<NewPasskeyPage>(
    'account/passkey-new',
    { ...around, passkey: scriptFor([]) },
    { 'one more': own },
  ),
  ...states<PasskeyPage>(
    'account/passkey',
    { ...around, name: 'iCloud Keychain' },
    {
      'another name': own,
      'no name': { name: '', with: { page: ownPage, problem: ['passkey_name_required', 'name'] } },
    },
  ),
]
