import { z } from 'zod'
import type { I18n } from '#src/lib/i18n.ts'
import type { Limits } from '#src/limits/index.ts'
import { type Actor, type Operation, operation } from '../contract.ts'
import { bundle } from '../doctor/bundle.ts'
import { checks, findingStates } from '../doctor/contract.ts'
import { type DoctorDeps, examine } from '../doctor/index.ts'
import { describe } from '../doctor/info.ts'
import { tell } from '../doctor/tell.ts'

export interface SystemDeps extends Pick<DoctorDeps, 'management' | 'messaging' | 'webhooks'> {
  system: Omit<DoctorDeps, 'management' | 'messaging' | 'webhooks'>
  i18n: I18n
  limits: Pick<Limits, 'use'>
}

/** In ten minutes; each asks vendors, DNS and the public address. */
const most = 60
const windowSeconds = 600

const instant = z.date().transform((date) => date.toISOString())

const finding = z.object({
  check: z.enum(checks),
  state: z.enum(findingStates),
  code: z.string().describe('Stable, for programs.'),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  title: z.string(),
  says: z.string(),
  mend: z
    .string()
    .nullable()
    .describe('The sentence that mends it; null where nothing is to be done.'),
})

const info = z.object({
  release: z.string(),
  node: z.string(),
  platform: z.string(),
  mode: z.enum(['production', 'evaluation']),
  issuer: z.string(),
  startedAt: instant,
  processes: z.object({
    workers: z.int().describe('As this machine was told to have.'),
    connections: z.int().nullable().describe('To the database, of all processes.'),
  }),
  storage: z.object({ kind: z.enum(['postgres', 'embedded']), version: z.string() }),
  schema: z.object({
    applied: z.int(),
    newest: z.string().nullable(),
    pending: z.array(z.string()),
  }),
})

const who = ({ kind, id }: Actor) => `${kind}:${id}`

/** How the server itself is. */
export const systemOperations = ({ i18n, limits, ...deps }: SystemDeps): Operation[] => {
  const { management, messaging, webhooks } = deps
  const system: DoctorDeps = { ...deps.system, management, messaging, webhooks }
  return [
    operation({
      id: 'system.info',
      method: 'GET',
      path: '/system',
      scope: 'settings:read',
      summary: 'What runs here: release, storage, schema.',
      answer: info,
      run: ({ db }) => describe(db, system),
    }),

    operation({
      id: 'system.doctor',
      method: 'GET',
      path: '/system/doctor',
      scope: 'settings:read',
      summary:
        'Everything that could be wrong, each with the sentence that mends it. Asks vendors, DNS and the public address, and takes some seconds.',
      answer: z.object({ data: z.array(finding) }),
      async run({ db, actor }) {
        await limits.use('doctor', who(actor), most, windowSeconds)
        const t = i18n.translator('en')
        return { data: (await examine(db, system)).map((each) => tell(t, each)) }
      },
    }),

    operation({
      id: 'system.bundle',
      method: 'GET',
      path: '/system/bundle',
      scope: 'settings:read',
      summary:
        'What somebody who helps from afar wants to know, without secrets and without names of people.',
      answer: z.record(z.string(), z.unknown()),
      note: () => ({ event: 'system.bundle_made' }),
      async run({ db, actor }) {
        await limits.use('doctor', who(actor), most, windowSeconds)
        return bundle(db, system)
      },
    }),
  ]
}
