import type { Db } from '#src/db/contract.ts'
import { randomId } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import { readIdentifier } from './identifier.ts'
import { type Invitation, invitationRepository } from './invitation-repository.ts'
import { userRepository } from './repository.ts'

export interface GivenInvitation {
  type: 'email' | 'phone'
  value: string
  clientId: string | null
  ttlSeconds: number
}

/**
 * Lets whoever has an identifier register, once. Telling them is for the caller.
 *
 * @throws Problem `already_exists` for who has an account, or an open invitation; or what is wrong
 *   with the identifier
 */
export const invite = async (
  tx: Db,
  { type, value, clientId, ttlSeconds }: GivenInvitation,
): Promise<Invitation> => {
  const identifier = readIdentifier(value, { types: [type], field: 'value' })
  if (await userRepository(tx).findOwner(identifier)) throw taken('has an account already')
  const invitation = await invitationRepository(tx).create({
    id: randomId(),
    identifier,
    clientId,
    ttlSeconds,
  })
  if (!invitation) throw taken('has an open invitation already')
  return invitation
}

const taken = (message: string) =>
  new Problem('already_exists', { errors: [{ path: 'value', message }] })
