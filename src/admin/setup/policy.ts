import type { Channel } from '#connectors/contract.ts'
import type { Settings } from '#src/settings/contract.ts'

export type SetupKey =
  | 'public-address'
  | 'connector-sms'
  | 'connector-email'
  | 'tested-sms'
  | 'tested-email'
  | 'templates'
  | 'countries'
  | 'client'
  | 'sign-in'
  | 'second-factor'
  | 'second-owner'
  | 'branding'
  | 'legal'
  | 'keys'

/** `done`; `todo`: people can not sign in well before it is done; `advice`: better with it. */
export interface SetupRow {
  key: SetupKey
  state: 'done' | 'todo' | 'advice'
  /** Where it is done. */
  href: string
}

export interface SetupFacts {
  production: boolean
  settings: Pick<Settings, 'signIn' | 'branding'>
  /** Those that are enabled and send something, the inbox left out. */
  connectors: readonly {
    id: string
    channels: readonly Channel[]
    countries: readonly string[] | null
    tested: boolean
    templates: 'own' | 'some' | 'default'
  }[]
  /** Applications beside the demo app. */
  clients: number
  /** Somebody has signed in to one of them. */
  signedIn: boolean
  owners: number
  /** Admins without a second factor, who have not been here yet. */
  withoutFactor: number
  /** Of the oldest key that signs, in days. */
  keyAgeDays: number
}

/** OWASP ASVS 11.2.2: keys are replaced before anybody can have worked on them for long. */
const oldestKeyDays = 180

/** What is left to do before people come, in the order in which it is done; worked out, not stored. */
export const setup = (facts: SetupFacts): SetupRow[] => {
  const { signIn, branding } = facts.settings
  const channels = (['sms', 'email'] as const).filter((channel) =>
    signIn.methods.some((method) => method.startsWith(channel)),
  )
  const serving = (channel: Channel) =>
    facts.connectors.filter((one) => one.channels.includes(channel))
  const row = (key: SetupKey, done: boolean, otherwise: 'todo' | 'advice', href: string) => ({
    key,
    state: done ? ('done' as const) : otherwise,
    href,
  })
  const sms = serving('sms')

  return [
    row('public-address', facts.production, 'advice', '/admin/system'),
    ...channels.flatMap((channel) => {
      const [first] = serving(channel)
      const href = first ? `/admin/connectors/${first.id}` : '/admin/connectors/new'
      const tested = serving(channel).some((one) => one.tested)
      return [
        row(`connector-${channel}`, first !== undefined, 'todo', '/admin/connectors/new'),
        ...(first ? [row(`tested-${channel}`, tested, 'todo', href)] : []),
      ]
    }),
    ...(facts.connectors.length > 0
      ? [
          row(
            'templates',
            facts.connectors.every(({ templates }) => templates !== 'some'),
            'advice',
            '/admin/templates',
          ),
        ]
      : []),
    ...(sms.length > 0
      ? [
          row(
            'countries',
            sms.every(({ countries }) => countries !== null),
            'advice',
            `/admin/connectors/${sms[0]!.id}`,
          ),
        ]
      : []),
    row('client', facts.clients > 0, 'todo', '/admin/clients/new'),
    row('sign-in', facts.signedIn, 'todo', '/admin/clients'),
    row('second-factor', facts.withoutFactor === 0, 'todo', '/admin/admins'),
    row('second-owner', facts.owners > 1, 'advice', '/admin/admins'),
    row('branding', branding.name !== 'Avouch', 'advice', '/admin/experience'),
    row(
      'legal',
      branding.termsUri !== null && branding.privacyUri !== null,
      'advice',
      '/admin/experience',
    ),
    row('keys', facts.keyAgeDays < oldestKeyDays, 'advice', '/admin/keys'),
  ]
}
