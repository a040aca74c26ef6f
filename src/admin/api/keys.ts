import { z } from 'zod'
import { algorithms, listKeys, type Oidc } from '#src/oidc/index.ts'
import { type Operation, operation } from '../contract.ts'

const instant = z.date().transform((date) => date.toISOString())

const keys = z.object({
  data: z.array(
    z.object({
      kid: z.string(),
      alg: z.string(),
      state: z.enum(['next', 'signing', 'retiring']),
      createdAt: instant,
      signsFrom: instant,
      retiredAt: instant.nullable(),
    }),
  ),
})

export interface KeyDeps {
  rotateKey: Oidc['rotateKey']
  refreshKeys: Oidc['refreshKeys']
}

/** The keys that sign tokens. What is private about them never leaves. */
export const keyOperations = ({ rotateKey, refreshKeys }: KeyDeps): Operation[] => [
  operation({
    id: 'keys.list',
    method: 'GET',
    path: '/keys',
    scope: 'keys:read',
    summary: 'The published signing keys.',
    answer: keys,
    run: async ({ db }) => ({ data: await listKeys(db) }),
  }),

  operation({
    id: 'keys.rotate',
    method: 'POST',
    path: '/keys/rotate',
    scope: 'keys:write',
    summary:
      'Makes a new key, which signs in an hour; the old one verifies for 25 hours more. `atOnce` is for a key that somebody else may have: what it signed is good no more.',
    body: z.strictObject({ alg: z.enum(algorithms), atOnce: z.boolean().default(false) }),
    answer: keys,
    destructive: true,
    note: ({ body }) => ({ event: 'keys.rotated', target: body.alg, detail: body }),
    async run({ db, body: { alg, atOnce }, afterwards }) {
      await rotateKey(db, alg, atOnce)
      afterwards(refreshKeys)
      return { data: await listKeys(db) }
    },
  }),
]
