import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'
import { about } from '../about.ts'
import type { Actor } from '../contract.ts'
import { operation } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { keepAWay, type Own, readOwn } from '../own.ts'
import { instant } from '../person.ts'
import { keepsBackupCodes } from '../policy.ts'
import { ownerOf } from './owner.ts'

const passkey = z.object({
  id: z.string(),
  name: z.string(),
  backedUp: z.boolean().describe('It is kept by a password manager, on more than one device.'),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
})

const params = z.object({ id: z.string().regex(/^[\w-]{1,1364}$/) })

/** Challenges are good for one session's account pages alone. */
const subjectOf = ({ sessionUid }: Actor) => `account:${sessionUid}`

/** Passkeys of one's own. They are kept and given up in transactions of their method's own. */
export const passkeyOperations = (deps: AccountDeps) => {
  const { passkey: passkeys } = deps.verifications
  return {
    list: operation({
      id: 'passkeys.list',
      method: 'GET',
      path: '/passkeys',
      scope: 'account:read',
      summary: 'Passkeys that somebody has.',
      answer: z.object({ data: z.array(passkey) }),
      run: async ({ actor }) => ({ data: await passkeys.list(actor.id) }),
    }),

    begin: operation({
      id: 'passkeys.begin',
      method: 'POST',
      path: '/passkeys/options',
      scope: 'account:write',
      summary: 'What a browser needs to make a passkey (PublicKeyCredentialCreationOptionsJSON).',
      atomic: false,
      answer: z.record(z.string(), z.unknown()),
      async run({ db, actor }) {
        if (!passkeys.isOn()) throw new Problem('method_not_available')
        const owner = ownerOf(await readOwn(db, actor.id))
        return { ...(await passkeys.beginRegistration(owner, subjectOf(actor))) }
      },
    }),

    register: operation({
      id: 'passkeys.register',
      method: 'POST',
      path: '/passkeys',
      scope: 'account:write',
      summary: 'Keeps the passkey that a browser has made.',
      body: z.strictObject({
        response: z.string().max(32_768).describe('RegistrationResponseJSON, as text.'),
      }),
      atomic: false,
      status: 201,
      answer: passkey,
      async run({ actor, origin, body: { response } }) {
        const registered = await passkeys.register(
          { subject: subjectOf(actor), userId: actor.id },
          response,
          about(actor, origin),
        )
        return registered.passkey
      },
    }),

    rename: operation({
      id: 'passkeys.rename',
      method: 'PATCH',
      path: '/passkeys/{id}',
      scope: 'account:write',
      summary: 'Gives a passkey another name.',
      params,
      body: z.strictObject({ name: z.string().max(256) }),
      atomic: false,
      run: ({ actor, params: { id }, body: { name } }) => passkeys.rename(actor.id, id, name),
    }),

    remove: operation({
      id: 'passkeys.remove',
      method: 'DELETE',
      path: '/passkeys/{id}',
      scope: 'account:write',
      summary: 'Gives a passkey up, where another way to sign in is left.',
      params,
      atomic: false,
      run: ({ actor, origin, params: { id } }) =>
        passkeys.remove(actor.id, id, about(actor, origin), async (tx) => {
          const without = ({ ways }: Own) => ({ ...ways, passkeys: ways.passkeys - 1 })
          const own = await keepAWay(deps, tx, actor.id, without)
          if (keepsBackupCodes(without(own))) return
          await deps.verifications.backupCode.remove(tx, actor.id)
        }),
    }),
  }
}
