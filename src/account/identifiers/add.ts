import { accountClientId } from '#config/client-schema.ts'
import { auditRepository } from '#src/audit/index.ts'
import { type Db, isTaken } from '#src/db/index.ts'
import { Problem } from '#src/lib/problem.ts'
import {
  type Identifier,
  limitKey,
  maskIdentifier,
  revokeAllTrust,
  userRepository,
} from '#src/users/index.ts'
import { fixedCode, type Who } from '#src/verification/index.ts'
import { about } from '../about.ts'
import type { Actor, Origin } from '../contract.ts'
import type { AccountDeps } from '../deps.ts'
import { draftRepository } from '../draft-repository.ts'

/** What the log keeps of an address: enough for its owner to recognise it. */
export const detailOf = (identifier: Identifier): string =>
  JSON.stringify({ type: identifier.type, masked: maskIdentifier(identifier) })

/** An address that a code is on its way to. */
export type Pending = Identifier & { type: 'email' | 'phone' }

const channelOf = ({ type }: Pending) => (type === 'email' ? 'email' : 'sms')

const whoOf = ({ settings }: AccountDeps, actor: Actor, identifier: Pending): Who => ({
  interactionUid: `account:${actor.sessionUid}`,
  clientId: actor.clientId ?? accountClientId,
  applicationName: settings().branding.name,
  browser: '',
  identifier,
  userId: actor.id,
  usageType: 'BindNewIdentifier',
  locale: actor.locale,
  decoy: false,
})

/**
 * Sends a code to an address that somebody wants to add; nothing is added before it has come back.
 *
 * @returns seconds until the next may be asked for
 * @throws Problem of the limits, or `no_connector`
 */
export const beginIdentifier = async (
  deps: AccountDeps,
  actor: Actor,
  origin: Origin,
  identifier: Pending,
): Promise<number> => {
  // Anybody may know a fixed code.
  const isFixed = fixedCode(deps.settings(), identifier) !== null
  if (isFixed && (await deps.isAdmin(actor.id))) {
    throw new Problem('identifier_not_accepted', { field: 'identifier' })
  }
  const wait = await deps.limits.send(limitKey(identifier), origin.address ?? '')
  const { messages } = deps.verifications
  await messages.start(
    whoOf(deps, actor, identifier),
    (tx) => draftRepository(tx, deps.keys).keep(actor.sessionUid, 'identifier', identifier),
    channelOf(identifier),
    false,
  )
  return wait
}

/** What somebody is adding in this session; null where nothing is under way. */
export const pendingIdentifier = (
  deps: Pick<AccountDeps, 'keys'>,
  db: Db,
  sessionUid: string,
): Promise<Pending | null> => draftRepository(db, deps.keys).find<Pending>(sessionUid, 'identifier')

/**
 * Adds the address that a right code has come back from. Of two accounts that prove the same one,
 * the first has it.
 *
 * @throws Problem of the code, or `identifier_taken`
 */
export const confirmIdentifier = async (
  deps: AccountDeps,
  actor: Actor,
  origin: Origin,
  code: string,
): Promise<Identifier> => {
  const pending = await pendingIdentifier(deps, deps.db, actor.sessionUid)
  if (!pending) throw new Problem('code_spent', { field: 'code' })
  const channel = channelOf(pending)
  const clear = await deps.limits.attempt(`to:${limitKey(pending)}`, channel, null)
  await deps.verifications.messages.verify(whoOf(deps, actor, pending), channel, code)
  await clear()
  await deps.db.transaction(async (tx) => {
    await own(tx, actor.id, pending)
    await auditRepository(tx).add({
      ...about(actor, origin),
      event: 'identifier.added',
      channel,
      detail: detailOf(pending),
    })
    await draftRepository(tx, deps.keys).take(actor.sessionUid, 'identifier')
  })
  return pending
}

/**
 * Gives somebody an identifier that they have proven, and trusts no browser of theirs any more.
 *
 * @throws Problem `identifier_taken` where somebody else has proven it
 */
export const own = async (
  tx: Db,
  userId: string,
  identifier: Identifier,
  field = 'code',
): Promise<void> => {
  const free = await userRepository(tx)
    .prove(userId, identifier)
    .catch((error: unknown) => {
      // Of two who prove it at the same moment, the second hears of it here.
      if (isTaken(error)) return false
      throw error
    })
  if (free) return revokeAllTrust(tx, userId)
  throw new Problem(identifier.type === 'username' ? 'username_taken' : 'identifier_taken', {
    field,
  })
}
