import type { Own, Page, Translate } from '#src/lib/page.ts'
import type { Render } from '#src/lib/render.ts'
import type { Exchange } from './demo/exchange.ts'
import type { Failure } from './demo/explain.ts'
import type { Claim, Meaning, Token } from './demo/present.ts'
import type { RequestField, Variant } from './demo/variants.ts'
import type { MessageView } from './inbox/present.ts'

/** What the views under `views/dev/` are given. They are tools for developers, in English only. */
export interface DevPage extends Page {
  title: string
}

/** `inbox`: what was "sent", newest first. */
export interface InboxPage extends DevPage {
  messages: readonly MessageView[]
  /** Everyone who has got something, for the filter. */
  recipients: readonly string[]
  /** The filter as it was typed; empty: everyone. */
  to: string
  /** The JSON that belongs to this page. */
  json: string
  demo: string | null
}

export interface DemoPage extends DevPage {
  issuer: string
  clientId: string
  /** The person's own pages at the provider, with a way back here. */
  accountHref: string
  variants: readonly Variant[]
  /** For a request of one's own. */
  fields: readonly RequestField[]
}

/** `demo-start`: nobody is signed in at the demo app. */
export interface StartPage extends DemoPage {
  notice: string | null
}

/** `demo-signed-in` */
export interface SignedInPage extends DemoPage {
  notice: string | null
  name: string
  /** How the person proved who they are, in words. */
  proof: string
  claims: readonly Claim[]
  userinfo: readonly Claim[] | null
  tokens: readonly Token[]
  exchanges: readonly ExchangeView[]
  canRefresh: boolean
}

/** `demo-refused`: the provider, or a check of this application, said no. */
export interface RefusedPage extends DemoPage {
  failure: Failure
  exchanges: readonly ExchangeView[]
  signedIn: boolean
}

export interface ExchangeView extends Exchange {
  rows: readonly Meaning[]
  command: string
}

const noWords: Translate = Object.assign(
  (key: string) => {
    throw new Error(`The pages for developers have no words "${key}"`)
  },
  { has: () => false },
)

/** Draws one page: fills in what all of them have, and that nothing here is translated. */
export const draw =
  (render: Render, { brand, inbox }: { brand: string; inbox: string }) =>
  <P extends DevPage>(view: string, own: Own<P>): string => {
    const page: Page = {
      lang: 'en',
      dir: 'ltr',
      t: noWords,
      languages: [],
      here: '/',
      app: null,
      brand,
      logoUri: null,
      brandCss: null,
      links: { help: null, terms: null, privacy: null },
      inbox,
      error: null,
    }
    return render(`dev/${view}`, { ...page, ...own })
  }
