/** Words in one language: ICU messages by key, `area.key`. An unknown key is a bug and throws. */
export type Translate = (key: string, values?: Record<string, string | number>) => string

/** What is wrong, in the person's words; `field` is the `name` of the input it is about. */
export interface PageError {
  field: string | null
  message: string
}

/** What every page has. Each view adds its own members; see the `pages.ts` of the features. */
export interface Page {
  lang: string
  dir: 'ltr' | 'rtl'
  t: Translate
  /** For the language menu, in their own names. */
  languages: readonly { code: string; name: string }[]
  /** Path and query of this page, without `lang`; the menu is a GET form on it. */
  here: string
  /** The relying party that the person is signing in to. */
  app: { name: string; logoUri: string | null; color?: string | null } | null
  /** Name of this installation. */
  brand: string
  /** Of this installation; an application's own goes before it. */
  logoUri: string | null
  /** Stylesheet with the brand colour, or null for the built-in one. */
  brandCss: string | null
  links: { help: string | null; terms: string | null; privacy: string | null }
  /** Evaluation only: where the "sent" messages are. */
  inbox: string | null
  error: PageError | null
}

/** `error`, for anything that ends here. */
export interface ErrorPage extends Page {
  status: number
  title: string
  text: string
  reference: string
  /** Where *Start again* leads, if the request is known. */
  restartHref: string | null
  /** Where else to go, on pages that have a place of their own. */
  back?: { href: string; label: string }
  /** What was expected and what came; evaluation mode only. */
  detail: readonly { label: string; value: string }[]
}

/** What a view needs beyond what every page has; `lang` and the like may be set to overrule. */
export type Own<P extends Page> = Omit<P, keyof Page> & Partial<Page>
