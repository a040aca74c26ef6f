import type { Translate } from '#src/lib/page.ts'
import { roleAllows } from '../access/policy.ts'
import type { Role, Scope } from '../contract.ts'

interface Part {
  /** Also the key of its name in the words, `admin.nav-<key>`. */
  key: string
  href: string
  scope: Scope | null
}

/** The parts of the console, in the order in which an admin needs them. */
const parts: readonly Part[] = [
  { key: 'home', href: '/admin', scope: null },
  { key: 'dashboard', href: '/admin/dashboard', scope: 'statistics:read' },
  { key: 'clients', href: '/admin/clients', scope: 'clients:read' },
  { key: 'experience', href: '/admin/experience', scope: 'settings:read' },
  { key: 'users', href: '/admin/users', scope: 'users:read' },
  { key: 'invitations', href: '/admin/invitations', scope: 'users:read' },
  { key: 'connectors', href: '/admin/connectors', scope: 'connectors:read' },
  { key: 'templates', href: '/admin/templates', scope: 'connectors:read' },
  { key: 'deliveries', href: '/admin/deliveries', scope: 'deliveries:read' },
  { key: 'audit', href: '/admin/audit', scope: 'audit:read' },
  { key: 'webhooks', href: '/admin/webhooks', scope: 'webhooks:read' },
  { key: 'settings', href: '/admin/settings', scope: 'settings:read' },
  { key: 'keys', href: '/admin/keys', scope: 'keys:read' },
  { key: 'system', href: '/admin/system', scope: 'settings:read' },
  { key: 'admins', href: '/admin/admins', scope: 'admins:read' },
]

/** What somebody of this role finds in the menu. */
export const navigation = (role: Role, path: string, t: Translate) =>
  parts
    .filter(({ scope }) => scope === null || roleAllows(role, scope))
    .map(({ key, href }) => ({
      href,
      name: t(`admin.nav-${key}`),
      current: href === partOf(path),
    }))

/** Words of messages are below their connector, and a part of their own. */
const partOf = (path: string): string | undefined =>
  /^\/admin\/connectors\/[^/]+\/templates/.test(path)
    ? '/admin/templates'
    : parts.find(({ href }) => path === href || (href !== '/admin' && path.startsWith(`${href}/`)))
        ?.href
