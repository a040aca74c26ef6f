import type { z } from 'zod'
import type { Db } from '#src/db/contract.ts'

/** What a program or an admin may do; also the scopes of the management API's access tokens. */
export const scopes = [
  'clients:read',
  'clients:write',
  'users:read',
  'users:write',
  // Block, sign out, reset factors: what a help desk does for people who call.
  'users:support',
  'connectors:read',
  'connectors:write',
  'deliveries:read',
  'settings:read',
  'settings:write',
  'audit:read',
  'statistics:read',
  'webhooks:read',
  'webhooks:write',
  'keys:read',
  'keys:write',
  'admins:read',
  'admins:write',
] as const
export type Scope = (typeof scopes)[number]

export const roles = ['owner', 'admin', 'support', 'read-only'] as const
export type Role = (typeof roles)[number]

/** Who calls: a program by its own credentials, or a person who is an admin. */
export interface Actor {
  kind: 'client' | 'person'
  /** `client_id` or user id. */
  id: string
  /** Null for a program. */
  role: Role | null
  scopes: ReadonlySet<Scope>
  /** When the person proved who they are; null for a program. */
  authenticatedAt: Date | null
}

/** What somebody asks for, before anything of it is checked. */
export interface Given {
  params?: unknown
  query?: unknown
  body?: unknown
  /** For operations that receive one. */
  file?: AsyncIterable<Buffer> | undefined
  version?: number | null
  /** `Idempotency-Key`: asked again with the same one, the first answer is given again. */
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
export interface Call<Params, Query, Body, Ready = unknown> {
  params: Params
  query: Query
  body: Body
  actor: Actor
  /** The transaction of the call, where it changes anything. */
  db: Db
  /** From `If-Match`: the change is made only to this version; null: to any. */
  version: number | null
  /** What `prepare` has made. */
  ready: Ready
  /** What is uploaded, as it comes, where the operation {@link OperationSpec.receives} a file. */
  file: AsyncIterable<Buffer>
  /** Runs another operation for the same actor in the same transaction: checked and noted as ever. */
  within(operation: Operation, given: Given): Promise<Executed>
  /** Runs once the change is committed, such as telling a cache. */
  afterwards(work: () => void | Promise<void>): void
}

/** A call before its transaction. */
type Ahead<Params, Query, Body> = Pick<
  Call<Params, Query, Body>,
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
  P extends Schema | undefined,
  Q extends Schema | undefined,
  B extends Schema | undefined,
  A extends Schema | undefined,
  R = unknown,
> {
  /** `clients.create`; the part before the dot groups operations in the documentation. */
  id: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api`, with its parameters in braces: `/clients/{client_id}`. */
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
  /** For the audit log; every operation that changes anything has it. */
  note?: (call: Call<Output<P>, Output<Q>, Output<B>>, result: NoInfer<Result<A>>) => Noted
  /**
   * What takes its time, such as hashing, before the transaction begins: `db` is none.
   *
   * @throws Problem
   */
  prepare?: (call: Ahead<Output<P>, Output<Q>, Output<B>>) => Promise<R>
  /** @throws Problem */
  run(call: Call<Output<P>, Output<Q>, Output<B>, NoInfer<R>>): Promise<Result<A>>
}

type Result<A extends Schema | undefined> = A extends Schema ? ReadonlyDeep<z.input<A>> : unknown

/** Nobody changes what is answered, so read-only lists will do. */
type ReadonlyDeep<T> = T extends readonly (infer Each)[]
  ? readonly ReadonlyDeep<Each>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> }
    : T

/** An operation as the API and the console see it. */
export interface Operation
  extends Omit<OperationSpec<Schema, Schema, Schema, Schema>, 'run' | 'note' | 'prepare'> {
  prepare?: (call: Ahead<never, never, never>) => Promise<unknown>
  run(call: Call<never, never, never, never>): Promise<unknown>
  note?: (call: Call<never, never, never>, result: never) => Noted
}

/** Returns what it is given; it exists so that the schemas type `run`. */
export const operation = <
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
  A extends Schema | undefined = undefined,
  R = unknown,
>(
  spec: OperationSpec<P, Q, B, A, R>,
): OperationSpec<P, Q, B, A, R> & Operation => spec as OperationSpec<P, Q, B, A, R> & Operation
