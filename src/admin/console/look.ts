import { contrast, textOn } from '#src/lib/colour.ts'
import type { I18n, Language } from '#src/lib/i18n.ts'
import type { Page, Translate } from '#src/lib/page.ts'
import { offersAccounts, type Settings } from '#src/settings/contract.ts'
import { regionOptions } from '#src/users/index.ts'
import { type Fixture, fixtures } from '../samples/index.ts'
import { passkey } from '../samples/states.ts'
import type { Fields } from './fields.ts'

/** How hosted pages are looked at: what was typed, or else what is saved. */
export interface Looks {
  sample: string
  language: string
  scheme: 'light' | 'dark'
  width: 'phone' | 'desktop'
  name: string
  color: string
  logo: string
  help: string
  terms: string
  privacy: string
  /** What people sign in with. */
  identifiers: readonly string[]
  methods: readonly string[]
  registration: string
}

/** A hosted page in one state, in a frame, with what chooses it. */
export interface Look {
  looks: Looks
  /** By view, its states, in words. */
  samples: readonly { view: string; states: readonly { value: string; label: string }[] }[]
  spoken: readonly Pick<Language, 'code' | 'name'>[]
  frameHref: string
  /** Where the same is looked at with more room. */
  aloneHref: string
  /** Of the text on the button, from 1 to 21. */
  contrast: string
  textColor: string
  /** No button of this colour could be seen on a page; such a colour is not saved. */
  tooPale: boolean
}

/** Under which names a form, or an address, says it. */
const names = {
  name: 'branding.name',
  color: 'branding.color',
  logo: 'branding.logoUri',
  help: 'branding.helpUri',
  terms: 'branding.termsUri',
  privacy: 'branding.privacyUri',
} as const

const mostCharacters = 512
const hex = /^#[0-9a-f]{6}$/i

export const isColor = (text: string): boolean => hex.test(text)

const sampleOf = (name: string): Fixture =>
  fixtures.find((one) => one.name === name) ?? fixtures[0]!

export const readLooks = (fields: Fields, { signIn, branding }: Settings): Looks => {
  const typed = (name: string, saved: string | null): string => {
    const text = fields.text(name).trim()
    return fields.has(name) && text.length <= mostCharacters ? text : (saved ?? '')
  }
  const color = typed(names.color, branding.color)
  const several = (name: string, saved: readonly string[]): readonly string[] => {
    const chosen = fields.all(name)
    return chosen.length > 0 ? chosen : saved
  }
  return {
    sample: sampleOf(fields.text('sample')).name,
    language: fields.text('language') || signIn.languages.default,
    scheme: fields.text('scheme') === 'dark' ? 'dark' : 'light',
    width: fields.text('width') === 'desktop' ? 'desktop' : 'phone',
    name: typed(names.name, branding.name) || branding.name,
    color: isColor(color) ? color : branding.color,
    logo: typed(names.logo, branding.logoUri),
    help: typed(names.help, branding.helpUri),
    terms: typed(names.terms, branding.termsUri),
    privacy: typed(names.privacy, branding.privacyUri),
    identifiers: several('signIn.identifiers', signIn.identifiers),
    methods: several('signIn.methods', signIn.methods),
    registration: typed('signIn.registration', signIn.registration),
  }
}

const queryOf = (looks: Looks): string => {
  const { sample, language, scheme, width, identifiers, methods, registration, ...rest } = looks
  const query = new URLSearchParams({ sample, language, scheme, width })
  query.set('signIn.registration', registration)
  for (const [name, path] of Object.entries(names)) query.set(path, rest[name as keyof typeof rest])
  for (const type of identifiers) query.append('signIn.identifiers', type)
  for (const method of methods) query.append('signIn.methods', method)
  return String(query)
}

/** `signin/code: half a code` is `signin-code.half-a-code` among the words. */
const keyOf = (name: string): string =>
  `admin-samples.${name.replaceAll('/', '-').replace(': ', '.').replaceAll(/[ ,]+/g, '-')}`

const grouped = (t: Translate): Look['samples'] =>
  [...new Set(fixtures.map(({ view }) => view))].map((view) => ({
    view: t(keyOf(view)),
    states: fixtures
      .filter((one) => one.view === view)
      .map(({ name, said }) => ({
        value: name,
        label: said ? t(said.key, said.values) : t(keyOf(name)),
      })),
  }))

const base = '/admin/experience/preview'

/** What a page says of how hosted pages look; `typed` marks a frame with words that are not saved. */
export const lookOf = (looks: Looks, i18n: I18n, t: Translate, typed = ''): Look => {
  const query = queryOf(looks)
  const textColor = textOn(looks.color)
  return {
    looks,
    samples: grouped(t),
    spoken: i18n.languages,
    frameHref: `${base}/frame?${query}${typed && `&typed=${typed}`}`,
    aloneHref: `${base}?${query}`,
    contrast: contrast(looks.color, textColor).toFixed(1),
    textColor,
    tooPale: contrast(looks.color, '#ffffff') < 3,
  }
}

const picture = /^https:\/\//i
const orNone = (uri: string): string | null => uri || null

/** The first page of a sign-in, as these settings make it; all other states are as they are. */
const firstPage = ({ identifiers, methods, registration }: Looks, language: Language) => ({
  types: identifiers,
  regions: identifiers.includes('phone') ? regionOptions(language.code) : [],
  createHref: offersAccounts(registration) ? '?mode=create' : null,
  passkey: methods.includes('passkey') ? passkey : null,
})

/** The page that a frame shows. */
export const sampled = (
  looks: Looks,
  language: Language,
  t: Translate,
): Page & { view: string } => {
  const { view, name, page } = sampleOf(looks.sample)
  const given = page(language, t)
  return {
    ...given,
    ...(name === fixtures[0]!.name ? firstPage(looks, language) : {}),
    app: given.app && { ...given.app, logoUri: null },
    brand: looks.name,
    logoUri: picture.test(looks.logo) ? looks.logo : null,
    links: { help: orNone(looks.help), terms: orNone(looks.terms), privacy: orNone(looks.privacy) },
    view,
  }
}
