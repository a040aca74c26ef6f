import type { JWK } from 'jose'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { type Dispatch, dispatch } from '#src/lib/dispatch.ts'
import type { Outbound } from '#src/lib/outbound.ts'
import type { LogoutState } from './contract.ts'
import { logoutToken } from './logout-token.ts'
import { type DueLogout, logoutRepository } from './repository.ts'

export interface LogoutNewsDeps {
  db: Db
  issuer: string
  /** Private signing keys as they are now. */
  keys: () => readonly JWK[]
  findClient: (clientId: string) => Promise<Client | null>
  outbound: Outbound
  /** Told of each try, and what the delivery has become by it. */
  onTried: (state: LogoutState) => void
  log: { warn(values: object, words: string): void }
}

/** Section 2.8: 200, and 204 of frameworks that write it for an empty body. */
const accepted = [200, 204]
/**
 * What the client answers to a token that it does not take, or a logout that failed. It has been
 * heard, so the same is not said again (as RFC 8935 has it for events of this kind, section 2).
 */
const refused = 400

/** Tells clients that sessions have ended: again and again for most of a day, at least once. */
export const logoutNews = (deps: LogoutNewsDeps): Dispatch => {
  const { db, issuer, findClient, outbound, onTried, log } = deps
  const repository = logoutRepository(db)

  const deliver = async (due: DueLogout): Promise<void> => {
    const client = await findClient(due.clientId)
    if (!client?.backchannel_logout_uri) return repository.drop(due.id)
    const token = await logoutToken(issuer, deps.keys(), client, due)
    const answered = await outbound.post(
      client.backchannel_logout_uri,
      { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Avouch' },
      new URLSearchParams({ logout_token: token }).toString(),
    )
    const { status } = answered
    const outcome = {
      done: status !== null && accepted.includes(status),
      refused: status === refused,
    }
    onTried(await repository.finish(due, answered, outcome))
  }

  return dispatch<DueLogout>({
    claim: async (busy, mostOfEach) =>
      (await repository.isDue()) ? repository.claim(busy, mostOfEach) : [],
    receiverOf: ({ clientId }) => clientId,
    deliver,
    onError: (error, due) =>
      log.warn({ logout: due?.id, reason: error.message }, 'A client was not told of a logout'),
  })
}
