import { auditRepository } from '#src/audit/index.ts'
import type { Db } from '#src/db/contract.ts'
import { type Keyring, sha256 } from '#src/lib/crypto.ts'
import type { Call, Caller, Executed, Given, Operation, Origin, Streamed } from './contract.ts'
import { idempotencyRepository } from './idempotency-repository.ts'
import { readInput } from './input.ts'

export interface ExecuteDeps<Actor extends Caller, Scope extends string> {
  db: Db
  keys: Keyring
  /** @throws Problem where somebody may not do this, or not now */
  permit: (actor: Actor, operation: Operation<Actor, Scope>, db: Db) => Promise<void>
}

/** Runs an operation for somebody. */
export type Execute<Actor extends Caller, Scope extends string> = (
  operation: Operation<Actor, Scope>,
  actor: Actor,
  given: Given,
  origin: Origin,
) => Promise<Executed>

/**
 * Runs an operation for somebody: may they, is what they say valid, then do it and note it, all in
 * one transaction. An API and the pages beside it both come through here.
 *
 * @throws Problem
 */
export const execute =
  <Actor extends Caller, Scope extends string>({
    db,
    keys,
    permit,
  }: ExecuteDeps<Actor, Scope>): Execute<Actor, Scope> =>
  async (operation, actor, given, origin) => {
    const afterwards: (() => void | Promise<void>)[] = []

    /** Checks everything that comes before the transaction, in which the result does the rest. */
    const begin = async (
      operation: Operation<Actor, Scope>,
      given: Given,
      db: Db,
    ): Promise<Perform> => {
      await permit(actor, operation, db)
      const input = readInput(operation, given)
      const ready = await operation.prepare?.({ ...input, actor, db } as never)

      return async (tx) => {
        const call = {
          ...input,
          actor,
          origin,
          db: tx,
          version: given.version ?? null,
          file: given.file ?? nothing(),
          ready,
          within: async (other: Operation<Actor, Scope>, its: Given) =>
            (await begin(other, its, tx))(tx),
          afterwards: (work: () => void | Promise<void>) => afterwards.push(work),
        } as unknown as Call<Actor, never, never, never, never>
        const result = await operation.run(call)
        const { note } = operation
        if (note) {
          const { detail, ...noted } = note(call, result as never)
          await auditRepository(tx).add({
            ...noted,
            detail: detail ? JSON.stringify(detail) : null,
            actor: { kind: actor.kind, id: actor.id },
            ...origin,
          })
        }
        const { answer, streams } = operation
        if (streams) return { status: 200, body: undefined, stream: result as Streamed }
        if (!answer) return { status: 204, body: undefined }
        return { status: operation.status ?? 200, body: answer.parse(result) }
      }
    }

    const perform = await begin(operation, given, db)
    const executed = await once({ db, keys }, operation, actor, given, perform)
    for (const work of afterwards) await work()
    return executed
  }

async function* nothing(): AsyncGenerator<Buffer> {}

type Perform = (db: Db) => Promise<Executed>

/** Reads as they are, changes in a transaction, and what was asked before not again. */
const once = async <Actor extends Caller, Scope extends string>(
  { db, keys }: Pick<ExecuteDeps<Actor, Scope>, 'db' | 'keys'>,
  operation: Operation<Actor, Scope>,
  actor: Actor,
  given: Given,
  perform: Perform,
): Promise<Executed> => {
  const { method, atomic = method !== 'GET' } = operation
  const inOne = <T>(work: (db: Db) => Promise<T>) => (atomic ? db.transaction(work) : work(db))
  if (!given.idempotencyKey) return inOne(perform)

  const key = sha256(JSON.stringify([actor.kind, actor.id, operation.id, given.idempotencyKey]))
  const { params = null, query = null, body = null } = given
  const request = sha256(JSON.stringify([params, query, body]))
  const context = `idempotent_requests/${key.toString('hex')}`
  return inOne(async (tx) => {
    const requests = idempotencyRepository(tx)
    const before = await requests.claim({ key, request })
    if (before) {
      const body = before.body ? JSON.parse(keys.open(before.body, context)) : undefined
      return { status: before.status, body }
    }
    try {
      const executed = await perform(tx)
      const { status, body } = executed
      const sealed = body === undefined ? null : keys.seal(JSON.stringify(body), context)
      await requests.answered(key, status, sealed)
      return executed
    } catch (error) {
      // A transaction takes the claim along.
      if (!atomic) await requests.release(key)
      throw error
    }
  })
}
