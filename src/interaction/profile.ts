import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { ProfileField } from '#src/settings/contract.ts'
import { type Identifier, invitationRepository, readIdentifier } from '#src/users/index.ts'
import { newPasswordHash } from '#src/verification/index.ts'
import { createAccount } from './claim.ts'
import type { FlowDeps } from './deps.ts'
import { originOf, type Visit } from './visit.ts'

export interface ProfileForm {
  name: string
  username: string
  new_password: string
}

/** Makes the account, with what registration asks for. */
export const register = async (
  deps: FlowDeps,
  visit: Visit,
  fields: readonly ProfileField[],
  form: ProfileForm,
): Promise<void> => {
  const signIn = visit.signIn!
  const identifier = signIn.identifier!
  const name = fields.includes('name') ? readName(form.name) : null
  const username = fields.includes('username')
    ? readIdentifier(form.username, { types: ['username'], region: '' })
    : identifier.type === 'username'
      ? identifier
      : null
  const prepared = fields.includes('password')
    ? await preparePassword(deps, visit, form.new_password, [name, username?.value])
    : null

  const about = {
    clientId: visit.client.client_id,
    interactionUid: signIn.uid,
    ...originOf(visit.ctx),
  }
  const userId = await createAccount(deps, {
    name,
    username,
    locale: signIn.locale,
    proven: provenIdentifiers(visit),
    admit: (tx, id) => spendInvitation(deps, tx, identifier, id),
    storePassword: prepared
      ? (tx, id) => deps.verifications.password.store(tx, id, prepared)
      : null,
    note: (tx, id) => auditRepository(tx).add({ event: 'user.created', userId: id, ...about }),
  })
  await deps.signIns.belongsTo(signIn.uid, userId)
  await deps.signIns.mark(signIn.uid, 'created')
}

/** Of any number who come with one invitation, one account is made. */
const spendInvitation = async (
  { settings }: FlowDeps,
  tx: Db,
  identifier: Identifier,
  userId: string,
): Promise<void> => {
  const spent = await invitationRepository(tx).accept(identifier, userId)
  if (spent || settings().signIn.registration !== 'invited') return
  throw new Problem('sign_in_blocked')
}

/**
 * Sets a new password. After a reset all other sessions and sign-ins end, since whoever knew the old
 * one may be in one of them.
 */
export const setPassword = async (
  deps: FlowDeps,
  visit: Visit,
  reason: 'reset' | 'second-factor',
  password: string,
): Promise<void> => {
  const { userId, uid } = visit.signIn!
  if (!userId) throw new Problem('method_not_available')
  const user = await deps.users.find(userId)
  const prepared = await preparePassword(deps, visit, password, [user?.name])
  await deps.db.transaction(async (tx) => {
    await deps.verifications.password.store(tx, userId, prepared)
    await auditRepository(tx).add({
      event: reason === 'reset' ? 'password.reset' : 'password.set',
      userId,
      clientId: visit.client.client_id,
      interactionUid: uid,
      ...originOf(visit.ctx),
    })
  })
  if (reason === 'reset') {
    await deps.signOutEverywhere(userId, uid)
  }
  await deps.signIns.mark(uid, 'new-password')
}

const provenIdentifiers = ({ signIn }: Visit): Identifier[] =>
  (signIn?.verifications ?? []).flatMap(({ identifier }) => (identifier ? [identifier] : []))

const preparePassword = async (
  deps: FlowDeps,
  visit: Visit,
  password: string,
  words: readonly (string | null | undefined)[],
): Promise<string> => {
  const { password: passwords } = deps.verifications
  const identifier = visit.signIn?.identifier?.value
  const { client_name, second_factor: atClient } = visit.client
  const all = [...words, identifier, client_name]
  return newPasswordHash({ passwords, settings: deps.settings(), atClient }, password, all)
}

const longestName = 100

const readName = (text: string): string => {
  const name = text.replaceAll(/\p{Cc}/gu, ' ').trim()
  if (name === '') throw new Problem('name_required', { field: 'name' })
  if ([...name].length > longestName) throw new Problem('name_too_long', { field: 'name' })
  if (!name.isWellFormed()) throw new Problem('invalid_input', { field: 'name' })
  return name
}
