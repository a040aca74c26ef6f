import type { z } from 'zod'
import type { Db } from '#src/db/contract.ts'

/** Who calls, as far as every API needs to know. */
export interface Caller {
  kind: 'client' | 'person'
  /** `client_id` or user id. */
  id: string
}

/** What somebody asks for, before anything of it is checked. */
export interface Given {
  params?: unknown
  query?: unknown
  body?: unknown
  /** For operations that receive one. */
  file?: AsyncIterable<Buffer> | undefined
  version?: number | null
  /** `Idempotency-Key`: asked again with the same one, the first answer is given again. With no file. */
  idempotencyKey?: string | null
}

/** Where a request came from, for the audit log. */
export interface Origin {
  address: string | null
  reference: string | null
}

export interface Executed {
  status: number
  /** Undefined where nothing is answered. */
  body: unknown
  /** Instead of a body. */
  stream?: Streamed
}

/** A call with everything checked that its schemas can check. */
export interface Call<Actor, Params, Query, Body, Ready = unknown> {
  params: Params
  query: Query
  body: Body
  actor: Actor
  origin: Origin
  /** The transaction of the call, where it changes anything. */
  db: Db
  /** From `If-Match`: the change is made only to this version; null: to any. */
  version: number | null
  /** What `prepare` has made. */
  ready: Ready
  /** What is uploaded, as it comes, where the operation {@link OperationSpec.receives} a file. */
  file: AsyncIterable<Buffer>
  /** Runs another operation for the same actor in the same transaction: checked and noted as ever. */
  within(operation: Operation<Actor, string>, given: Given): Promise<Executed>
  /** Runs once the change is committed, such as telling a cache. */
  afterwards(work: () => void | Promise<void>): void
}

/** A call before its transaction. */
type Ahead<Actor, Params, Query, Body> = Pick<
  Call<Actor, Params, Query, Body>,
  'params' | 'query' | 'body' | 'actor' | 'db'
>

/** What the audit log keeps of a change. */
export interface Noted {
  /** Dotted, such as `client.created`. */
  event: string
  /** Whom or what it is about. */
  userId?: string | null
  clientId?: string | null
  target?: string | null
  /** The way to sign in that was added, removed or reset. */
  method?: string | null
  connector?: string | null
  /** Without secrets. */
  detail?: Record<string, unknown> | null
}

/** An answer that is made as it is sent, such as an export. */
export interface Streamed {
  /** Media type. */
  type: string
  filename: string
  chunks: AsyncIterable<string>
}

type Schema = z.ZodType
type Output<S extends Schema | null | undefined> = S extends Schema
  ? z.output<S>
  : Record<never, never>

export interface OperationSpec<
  Actor,
  Scope extends string,
  P extends Schema | undefined,
  Q extends Schema | undefined,
  B extends Schema | undefined,
  A extends Schema | undefined,
  R = unknown,
> {
  /** `clients.create`; the part before the dot groups operations in the documentation. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API, with its parameters in braces: `/clients/{client_id}`. */
  path: string
  scope: Scope
  /** One sentence for the documentation. */
  summary: string
  params?: P
  query?: Q
  body?: B
  /** What is answered; whatever else `run` returns is left out. Without it: 204. */
  answer?: A
  /** Media types of a file that is the body instead; `run` reads it as it comes. */
  receives?: readonly string[]
  /** Media types of what is streamed instead: `run` resolves with {@link Streamed}. Reads only. */
  streams?: readonly string[]
  /** 200 unless given; 201 for what was made. */
  status?: number
  /** What it changes has a version: with `If-Match`, only the one that was read is changed. */
  versioned?: boolean
  /** Asks a person to have signed in within five minutes. */
  destructive?: boolean
  /** False for what waits for others: `db` is then no transaction. */
  atomic?: boolean
  /** For the audit log; whatever changes anything has it, or adds its events itself. */
  note?: (call: Call<Actor, Output<P>, Output<Q>, Output<B>>, result: NoInfer<Result<A>>) => Noted
  /**
   * What takes its time, such as hashing, before the transaction begins: `db` is none.
   *
   * @throws Problem
   */
  prepare?: (call: Ahead<Actor, Output<P>, Output<Q>, Output<B>>) => Promise<R>
  /** @throws Problem */
  run(call: Call<Actor, Output<P>, Output<Q>, Output<B>, NoInfer<R>>): Promise<Result<A>>
}

type Result<A extends Schema | undefined> = A extends Schema ? ReadonlyDeep<z.input<A>> : unknown

/** Nobody changes what is answered, so read-only lists will do. */
type ReadonlyDeep<T> = T extends readonly (infer Each)[]
  ? readonly ReadonlyDeep<Each>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> }
    : T

/** An operation as those see it who run any. */
export interface Operation<Actor, Scope extends string>
  extends Omit<
    OperationSpec<Actor, Scope, Schema, Schema, Schema, Schema>,
    'run' | 'note' | 'prepare'
  > {
  prepare?: (call: Ahead<Actor, never, never, never>) => Promise<unknown>
  run(call: Call<Actor, never, never, never, never>): Promise<unknown>
  note?: (call: Call<Actor, never, never, never>, result: never) => Noted
}

/** Makes what returns the operation that it is given; it exists so that the schemas type `run`. */
export const operationFor =
  <Actor, Scope extends string>() =>
  <
    P extends Schema | undefined = undefined,
    Q extends Schema | undefined = undefined,
    B extends Schema | undefined = undefined,
    A extends Schema | undefined = undefined,
    R = unknown,
  >(
    spec: OperationSpec<Actor, Scope, P, Q, B, A, R>,
  ): OperationSpec<Actor, Scope, P, Q, B, A, R> & Operation<Actor, Scope> =>
    spec as OperationSpec<Actor, Scope, P, Q, B, A, R> & Operation<Actor, Scope>
