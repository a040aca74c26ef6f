import type { Actor, Role, Scope } from '../contract.ts'

const reads = (scope: Scope) => scope.endsWith(':read')

const helpDesk: readonly Scope[] = [
  'users:read',
  'users:support',
  'deliveries:read',
  'audit:read',
  'clients:read',
  'statistics:read',
]

const allows: Record<Role, (scope: Scope) => boolean> = {
  owner: () => true,
  // Whoever makes admins, or the keys that every application trusts, is an owner.
  admin: (scope) => scope !== 'admins:write' && scope !== 'keys:write',
  support: (scope) => helpDesk.includes(scope),
  'read-only': reads,
}

/** Whether a role may do what the scope names. */
export const roleAllows = (role: Role, scope: Scope): boolean => allows[role](scope)

/** Those of the scopes that somebody who does not have them may not give to a program. */
export const beyond = (actor: Actor, asked: readonly string[], own: readonly Scope[]): Scope[] =>
  own.filter((scope) => asked.includes(scope) && !actor.scopes.has(scope))

/** A person's last proof is good for this long where something can not be undone (ASVS 7.5.3). */
const freshMs = 5 * 60 * 1000

/** Why somebody may not do this; null when they may. */
export const refusal = (
  actor: Actor,
  { scope, destructive = false }: { scope: Scope; destructive?: boolean | undefined },
  now: Date,
): 'insufficient_scope' | 'step_up_required' | null => {
  if (!actor.scopes.has(scope)) return 'insufficient_scope'
  if (!destructive || actor.kind === 'client') return null
  const age = now.getTime() - (actor.authenticatedAt?.getTime() ?? 0)
  return age > freshMs ? 'step_up_required' : null
}
