import type { InvitationView } from '../api/invitations.ts'
import type { PersonView } from '../api/user-view.ts'
import type { ListedView } from '../api/users.ts'
import type { ToldEvent } from './event-words.ts'
import type { ConsolePage } from './pages.ts'

/** `admin/users`: people, the newest first or those that are found. */
export interface UsersPage extends ConsolePage {
  users: readonly ListedView[]
  filter: { q: string; blocked: string; createdAfter: string }
  /** Anything is looked for. */
  filtered: boolean
  nextHref: string | null
  mayChange: boolean
}

export const identifierTypes = ['email', 'phone', 'username'] as const

/** `admin/user-new`. Posts `name`, the identifiers with `<type>Verified`, and `password`. */
export interface NewUserPage extends ConsolePage {
  identifiers: readonly {
    type: (typeof identifierTypes)[number]
    value: string
    verified: boolean
  }[]
  name: string
}

/** What was typed into the forms of one person. */
export interface TypedUser {
  name: string
  locale: string
  roles: string
  customData: string
  type: string
  value: string
  verified: boolean
}

/** `admin/user`: all that is known of somebody, and what can be done. Every form says its `act`. */
export interface UserPage extends ConsolePage {
  user: PersonView
  href: string
  /** Name, or else what they sign in with. */
  heading: string
  typed: TypedUser
  /** The act whose form is wrong. */
  failed: string | null
  /** For `If-Match`. */
  version: number
  /** An admin whom only an owner touches. */
  guarded: boolean
  may: {
    change: boolean
    support: boolean
    clients: boolean
    admins: boolean
  }
  /** A browser as people call it. */
  browserOf: (agent: string) => string
  /** Browsers that need no second factor; `name` as a person would say it. */
  trusted: readonly (PersonView['trustedBrowsers'][number] & { name: string })[]
  /** Ways to sign in that have a name in words. */
  methods: readonly string[]
  /** Such as the console itself, which has no page. */
  isOwnClient: (clientId: string) => boolean
  /** Null where this admin may not read it. */
  activity: readonly ToldEvent[] | null
}

/** `admin/user-delete`: asks for a name once more. */
export interface DeleteUserPage extends ConsolePage {
  href: string
  heading: string
  version: number
  /** What has to be typed: any of these. */
  names: readonly string[]
  typed: string
}

/** `admin/invitations` */
export interface InvitationsPage extends ConsolePage {
  invitations: readonly InvitationView[]
  nextHref: string | null
  mayChange: boolean
  /** An invitation matters where not everybody may register. */
  needed: boolean | null
}

/** `admin/invitation-new` */
export interface NewInvitationPage extends ConsolePage {
  /** Null: too many for a menu. */
  clients: readonly { value: string; label: string }[] | null
  locales: readonly { value: string; label: string }[]
  typed: { value: string; clientId: string; locale: string; send: boolean; expiresInDays: string }
}
