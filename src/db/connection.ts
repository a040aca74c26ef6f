import type { Writable } from 'node:stream'
import { asProblem, breaksConnection } from './failures.ts'

/** A connection of the driver `pg`, or what stands in for it on the embedded database. */
export interface Connection {
  query(query: Question & { query_timeout?: number }): Promise<{ rows: unknown[] }>
  /** Knex looks at this before it lends a connection again. */
  __knex__disposed?: unknown
  /** Sends without waiting for earlier answers; not on the embedded database. */
  pipeline: boolean
  connection: { stream: Writable }
}

export interface Question {
  name?: string
  text: string
  values?: readonly unknown[]
}

/** A caller hears of trouble by then (`performance.now()`); earlier when the database is gone. */
export type Deadline = number

/**
 * Asks one statement.
 *
 * @throws Problem `unavailable` when the connection fails or no answer comes in time; the
 * connection is then of no more use
 */
export const ask = async (connection: Connection, deadline: Deadline, question: Question) => {
  try {
    const { rows } = connection.pipeline
      ? await sendAhead(connection, deadline, question)
      : await inTurn(connection, () => connection.query(question))
    return rows as never[]
  } catch (error) {
    if (breaksConnection(error)) connection.__knex__disposed = error
    throw asProblem(error)
  }
}

/** What several requests ask in one turn of the event loop goes out in one system call. */
const sendAhead = (connection: Connection, deadline: Deadline, question: Question) => {
  const { stream } = connection.connection
  if (stream.writableCorked === 0) {
    stream.cork()
    setImmediate(() => stream.uncork())
  }
  const left = Math.max(deadline - performance.now(), 100)
  return connection.query({ ...question, query_timeout: left })
}

const turns = new WeakMap<Connection, Promise<unknown>>()

const inTurn = <T>(connection: Connection, send: () => Promise<T>): Promise<T> => {
  const answer = (turns.get(connection) ?? Promise.resolve()).then(send, send)
  turns.set(connection, answer)
  return answer
}
