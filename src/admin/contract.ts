import {
  type Call as AnyCall,
  type Operation as AnyOperation,
  type Executed,
  type Given,
  type Origin,
  operationFor,
} from '#src/api/contract.ts'

export type { Executed, Given, Noted, Origin, Streamed } from '#src/api/contract.ts'

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

export type Call<Params, Query, Body, Ready = unknown> = AnyCall<Actor, Params, Query, Body, Ready>
export type Operation = AnyOperation<Actor, Scope>
export const operation = operationFor<Actor, Scope>()

/** Runs an operation for somebody, if they may. */
export type Run = (
  operation: Operation,
  actor: Actor,
  given: Given,
  origin: Origin,
) => Promise<Executed>
