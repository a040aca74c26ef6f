import type { z } from 'zod'
import type { LogoutView } from '../../api/client-logouts.ts'
import type { clientView } from '../../api/client-views.ts'
import type { ToldEvent } from '../event-words.ts'
import type { ConsolePage, DrawnField } from '../pages.ts'

export type ClientView = z.output<typeof clientView>

/** `admin/clients`: the applications. */
export interface ClientsPage extends ConsolePage {
  search: string
  clients: readonly { href: string; client: ClientView }[]
  nextHref: string | null
  mayAdd: boolean
}

/** `admin/client-frameworks`: with what the new application is made. */
export interface FrameworksPage extends ConsolePage {
  frameworks: readonly { name: string; library: string; href: string }[]
}

/** `admin/client-new`: posts `client_id`, `client_name`, `redirect_uris`, `first_party`. */
export interface NewClientPage extends ConsolePage {
  framework: string
  name: string
  isPublic: boolean
  typed: { client_id: string; client_name: string; redirect_uris: string; first_party: boolean }
}

/** What every page about one application has. */
export interface ClientPage extends ConsolePage {
  client: ClientView
  /** Of its pages; the others are below it. */
  base: string
  tabs: readonly { key: string; href: string; current: boolean }[]
  /** Why nothing can be changed here: `role`, `file` or `beyond`; null: it can. */
  closed: 'role' | 'file' | 'beyond' | null
}

/** `admin/client`: everything that can be said of an application. */
export interface ClientSettingsPage extends ClientPage {
  version: number
  sections: readonly { name: string; fields: readonly DrawnField[] }[]
  jwks: string
  scopes: readonly { name: string; chosen: boolean }[]
}

/** `admin/client-secrets`: posts `label`, `expires`, `replace` and `version`. */
export interface ClientSecretsPage extends ClientPage {
  secrets: readonly (ClientView['secrets'][number] & { ended: boolean })[]
  typed: { label: string; expires: string; replace: boolean }
}

/** One file, or what is to be typed. */
export interface Snippet {
  name: string
  text: string
}

/** `admin/client-secret`: a new secret, shown this once, and the code to use it in. */
export interface NewSecretPage extends ClientPage {
  secret: string | null
  framework: string
  snippets: readonly Snippet[]
}

/** `admin/client-quick-start`: code with the values of this application in it. */
export interface QuickStartPage extends ClientPage {
  frameworks: readonly { id: string; name: string; href: string; current: boolean }[]
  library: string
  snippets: readonly Snippet[]
  facts: readonly Snippet[]
  /** The redirect URI that the code needs, where the application has none that would do. */
  neededUri: string | null
}

/** `admin/client-events`: what happened to the people of this application, the newest first. */
export interface ClientEventsPage extends ClientPage {
  events: readonly ToldEvent[]
  /** What it was not told of, the newest first. */
  logouts: readonly LogoutView[]
}

/** `admin/client-delete` */
export type DeleteClientPage = ClientPage

/** `admin/client-try`: posts `scope` and `prompt`. */
export interface TryPage extends ClientPage {
  scopes: readonly string[]
  prompts: readonly string[]
  signsIn: boolean
}

/** `admin/client-tried`: what the application would have got. */
export interface TriedPage extends ClientPage {
  refused: { error: string; description: string | null } | null
  results: readonly Snippet[]
}
