import { goodPassword } from '../flows/people.ts'
import type { Ask, Making } from './every-route.ts'

/** About whom or what; where it is left out, something is made for the occasion. */
export interface About {
  person?: string
  client?: string
}

export type Asks = Record<string, (about?: About) => Promise<Ask> | Ask>

const csv = ['email,name\n', 'text/csv'] as const
let number = 0

/** How each operation is called; the key is its id in the document of the API. */
export const asksOf = (make: Making): Asks => {
  const person = async ({ person }: About = {}) => person ?? (await make.person())
  const client = async ({ client }: About = {}) => client ?? (await make.client())
  const ofPerson = async (about?: About, ask: Ask = {}) => ({ path: [await person(about)], ...ask })
  const ofAdmin = async ({ person }: About = {}) => ({
    path: [person ?? (await make.admin('support'))],
  })
  const ofClient = async (about?: About, ask: Ask = {}) => ({ path: [await client(about)], ...ask })
  /** Something that belongs to a person. */
  const under = async (about: About | undefined, part: (id: string) => Promise<string>) => {
    const id = await person(about)
    return { path: [id, await part(id)] }
  }
  const typed = () => ({ connector: 'twilio-sms', config: make.config() })
  const words = { content: 'Your code is {{code}}' }

  return {
    'clients.list': () => ({}),
    'clients.create': () => ({ body: { redirect_uris: ['https://new.example/callback'] } }),
    'clients.read': ofClient,
    'clients.update': (about) => ofClient(about, { body: { client_name: 'Renamed' } }),
    'clients.delete': ofClient,
    'clients.addSecret': (about) => ofClient(about, { body: {} }),
    'clients.removeSecret': async (about) => {
      const id = await client(about)
      return { path: [id, await make.secret(id)] }
    },
    'clients.try': ofClient,
    'clients.logoutFailures': ofClient,

    'users.list': () => ({}),
    'users.create': () => ({ body: { name: 'New' } }),
    'users.read': ofPerson,
    'users.change': (about) => ofPerson(about, { body: { name: 'Renamed' } }),
    'users.delete': ofPerson,
    'users.addIdentifier': (about) =>
      ofPerson(about, { body: { type: 'email', value: `added${++number}@example.com` } }),
    'users.removeIdentifier': async (about) => {
      const id = await person(about)
      return { path: [id, 'email', await make.identifier(id)] }
    },
    'users.setPassword': (about) => ofPerson(about, { body: { password: goodPassword } }),
    'users.block': ofPerson,
    'users.unblock': ofPerson,
    'users.signOut': ofPerson,
    'users.endSession': (about) => under(about, make.session),
    'users.removeClient': (about) => under(about, make.consent),
    'users.forgetDevice': (about) => under(about, make.device),
    'users.removeTrustedBrowser': (about) => under(about, make.trusted),
    'users.approveFactorReset': (about) => under(about, make.reset),
    'users.denyFactorReset': (about) => under(about, make.reset),
    'users.resetFactors': (about) => ofPerson(about, { body: { factors: ['backup-codes'] } }),
    'users.import': () => ({ query: 'format=csv&dryRun=true', file: csv }),
    'users.export': () => ({}),
    'users.exportWithPasswords': () => ({}),
    'users.beginExport': () => ({ body: { format: 'csv' } }),
    'users.beginExportWithPasswords': () => ({ body: { format: 'csv' } }),

    'invitations.list': () => ({}),
    'invitations.create': () => ({
      body: { type: 'email', value: `invited${++number}@example.com` },
    }),
    'invitations.delete': async () => ({ path: [await make.invitation()] }),

    'works.list': () => ({}),
    'works.read': async () => ({ path: [await make.work()] }),
    'works.refusals': async () => ({ path: [await make.work()] }),
    'works.report': async () => ({ path: [await make.work()] }),
    'works.file': async () => ({ path: [await make.exported(false)] }),
    'works.fileWithPasswords': async () => ({ path: [await make.exported(true)] }),
    'works.cancel': async () => ({ path: [await make.work()] }),

    'connectors.kinds': () => ({}),
    'connectors.list': () => ({}),
    'connectors.read': async () => ({ path: [await make.connector()] }),
    'connectors.create': () => ({ body: { id: `new-${++number}`, enabled: false, ...typed() } }),
    'connectors.change': async () => ({ path: [await make.connector()], body: { priority: 7 } }),
    'connectors.order': async () => ({ body: { ids: [await make.connector()] } }),
    'connectors.delete': async () => ({ path: [await make.connector()] }),
    'connectors.test': () => ({ body: { ...typed(), to: '+41 79 123 45 67' } }),
    'connectors.verify': () => ({ body: typed() }),

    'templates.list': async () => ({ path: [await make.connector()] }),
    'templates.read': async () => ({ path: [await make.connector(), 'SignIn'] }),
    'templates.preview': async () => ({
      path: [await make.connector()],
      body: { usageType: 'SignIn' },
    }),
    'templates.versions': async () => ({ path: [await make.connector(), 'SignIn'] }),
    'templates.save': async () => ({ path: [await make.connector(), 'SignIn'], body: words }),
    'templates.remove': async () => {
      const id = await make.connector()
      await make.words(id)
      return { path: [id, 'SignIn'] }
    },
    'templates.restore': async () => {
      const id = await make.connector()
      return { path: [id], body: { versionId: await make.words(id) } }
    },

    'deliveries.list': () => ({}),
    'deliveries.read': async () => ({ path: [await make.message()] }),

    'settings.read': () => ({}),
    'settings.change': () => ({ body: { branding: { name: 'Renamed' } } }),

    'admins.list': () => ({}),
    'admins.put': async (about) => ({ ...(await ofAdmin(about)), body: { role: 'read-only' } }),
    'admins.remove': (about) => ofAdmin(about),

    'audit.list': () => ({}),
    'audit.export': () => ({ query: 'format=csv&event=test.made' }),
    'audit.timeline': async () => ({ path: [(await make.event()).interaction] }),
    'audit.read': async () => ({ path: [(await make.event()).id] }),

    'statistics.overview': () => ({}),
    'statistics.funnel': () => ({}),
    'statistics.countries': () => ({}),
    'statistics.connectors': () => ({}),
    'statistics.methods': () => ({}),

    'webhooks.list': () => ({}),
    'webhooks.create': () => ({ body: { url: 'https://example.com/hook', events: ['never.is'] } }),
    'webhooks.read': async () => ({ path: [await make.webhook()] }),
    'webhooks.update': async () => ({ path: [await make.webhook()], body: { enabled: false } }),
    'webhooks.delete': async () => ({ path: [await make.webhook()] }),
    'webhooks.rotateSecret': async () => ({ path: [await make.webhook()], body: {} }),
    'webhooks.test': async () => ({ path: [await make.webhook()] }),
    'webhookDeliveries.list': () => ({}),
    'webhookDeliveries.read': async () => ({ path: [await make.told()] }),
    'webhookDeliveries.replay': async () => ({ path: [await make.told()] }),

    'keys.list': () => ({}),
    'keys.rotate': () => ({ body: { alg: 'RS256' } }),

    'system.info': () => ({}),
    'system.doctor': () => ({}),
    'system.bundle': () => ({}),

    'configuration.export': () => ({}),
    'configuration.diff': () => ({ body: { codes: { tries: 4 } } }),
    'configuration.apply': () => ({ body: { codes: { tries: 4 } } }),
  }
}
