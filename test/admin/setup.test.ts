import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type SetupFacts, type SetupKey, setup } from '#src/admin/setup/policy.ts'
import { defaultSettings } from '#src/settings/index.ts'

const ready: SetupFacts = {
  production: true,
  settings: {
    signIn: defaultSettings.signIn,
    branding: {
      ...defaultSettings.branding,
      name: 'Shop',
      termsUri: 'https://shop.example/terms',
      privacyUri: 'https://shop.example/privacy',
    },
  },
  connectors: [
    { id: 'sms', channels: ['sms'], countries: ['CH'], tested: true, templates: 'default' },
    { id: 'mail', channels: ['email'], countries: null, tested: true, templates: 'own' },
  ],
  clients: 1,
  signedIn: true,
  owners: 2,
  withoutFactor: 0,
  keyAgeDays: 10,
}
const [sms, mail] = ready.connectors

/** What is not done, with a change to a server on which everything is. */
const cases: [string, Partial<SetupFacts>, [SetupKey, 'todo' | 'advice'][]][] = [
  ['everything is done', {}, []],
  ['it is being evaluated', { production: false }, [['public-address', 'advice']]],
  ['nobody delivers text messages', { connectors: [mail!] }, [['connector-sms', 'todo']]],
  [
    'email is set up, and was never tried',
    { connectors: [sms!, { ...mail!, tested: false }] },
    [['tested-email', 'todo']],
  ],
  [
    'messages mix our words with others',
    { connectors: [sms!, { ...mail!, templates: 'some' }] },
    [['templates', 'advice']],
  ],
  [
    'text messages go everywhere',
    { connectors: [{ ...sms!, countries: null }, mail!] },
    [['countries', 'advice']],
  ],
  ['there is no application', { clients: 0 }, [['client', 'todo']]],
  ['nobody has signed in', { signedIn: false }, [['sign-in', 'todo']]],
  ['an admin has no second factor', { withoutFactor: 1 }, [['second-factor', 'todo']]],
  ['there is one owner', { owners: 1 }, [['second-owner', 'advice']]],
  ['a key is old', { keyAgeDays: 200 }, [['keys', 'advice']]],
  [
    'the pages still say Avouch and link to nothing',
    { settings: { signIn: defaultSettings.signIn, branding: defaultSettings.branding } },
    [
      ['branding', 'advice'],
      ['legal', 'advice'],
    ],
  ],
]

for (const [name, change, left] of cases) {
  test(`what is left to do where ${name}`, () => {
    const rows = setup({ ...ready, ...change }).filter(({ state }) => state !== 'done')
    assert.deepEqual(
      rows.map(({ key, state }) => [key, state]),
      left,
    )
  })
}

test('a way that is not offered needs nobody who delivers it', () => {
  const signIn = { ...defaultSettings.signIn, methods: ['email-code'] as const }
  const settings = { ...ready.settings, signIn }
  const keys = setup({ ...ready, settings, connectors: [mail!] }).map(({ key }) => key)
  assert.ok(!keys.includes('connector-sms'))
})
