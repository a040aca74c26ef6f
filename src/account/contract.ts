import {
  type Call as AnyCall,
  type Operation as AnyOperation,
  type Caller,
  type Executed,
  type Given,
  type Origin,
  operationFor,
} from '#src/api/contract.ts'
import type { Proven } from './fresh.ts'

export type { Given, Origin } from '#src/api/contract.ts'

/** What a client may do for the person who uses it; scopes of access tokens for the account API. */
export const scopes = ['account:read', 'account:write'] as const
export type Scope = (typeof scopes)[number]

/** Somebody who looks after their own account, on its pages or through a client. */
export interface Actor extends Caller, Proven {
  kind: 'person'
  sessionUid: string
  /** Null on the pages. */
  clientId: string | null
  scopes: ReadonlySet<Scope>
  /** Of messages to them. */
  locale: string
}

export type Call<Params, Query, Body, Ready = unknown> = AnyCall<Actor, Params, Query, Body, Ready>
export type Operation = AnyOperation<Actor, Scope>
export const operation = operationFor<Actor, Scope>()

/** Runs an operation for somebody, if they may and have signed in lately enough. */
export type Run = (
  operation: Operation,
  actor: Actor,
  given: Given,
  origin: Origin,
) => Promise<Executed>
