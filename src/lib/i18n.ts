import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { languageMatcher, type Wishes } from './language.ts'
import type { Translate } from './page.ts'

export type { Wishes } from './language.ts'

type Values = Record<string, string | number>

export interface Language {
  /** BCP 47 tag, equal to the name of the folder. */
  code: string
  /** In the language itself. */
  name: string
  dir: 'ltr' | 'rtl'
}

/** Every language that a person can read here. */
export interface I18n {
  languages: readonly Language[]
  /**
   * The language that suits best (RFC 4647, section 3.4); English when nothing does.
   *
   * @param offered codes to choose from; none: every language
   */
  negotiate(wishes: Wishes, offered?: readonly string[]): Language
  /**
   * The words of one language. A key that it lacks is answered in English.
   *
   * A key may have a richer sibling that is named after a value, `problems.incorrect_code.tries`
   * beside `problems.incorrect_code`: it is used whenever that value is given.
   */
  translator(code: string, own?: OwnWords): Translate
  /** Every text of a language that may be replaced, as it is without that. */
  texts(code: string): ReadonlyMap<string, string>
  /** Why a text can not stand for a key, or null when it can. */
  fault(code: string, key: string, text: string): WordFault | null
}

/** Texts that stand instead of ours, by key; null: ours. */
export type OwnWords = Readonly<Record<string, string | null>>

export type WordFault =
  | { reason: 'unknown-key' }
  | { reason: 'not-a-message' }
  /** Names that are filled in here, or would never be. */
  | { reason: 'placeholders'; names: readonly string[] }

const source = 'en'
const rightToLeft = new Set(['Arab', 'Hebr', 'Syrc', 'Thaa', 'Nkoo', 'Adlm', 'Rohg'])

/** A plain string where there is nothing to fill in, so that most calls cost one look-up. */
type Message = string | ((values: Values) => string)

interface Entry {
  text: string
  message: Message
  /** What is filled in. */
  names: ReadonlySet<string>
  /** Names of the values that have a richer sibling. */
  richer: readonly string[]
}

const readJson = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8'))

/** `signin.json` with `heading` gives `signin.heading`. */
const readWords = (folder: string): Map<string, string> => {
  const words = new Map<string, string>()
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json') || file === 'language.json') continue
    const area = file.slice(0, -'.json'.length)
    for (const [key, text] of Object.entries(readJson(join(folder, file)))) {
      words.set(`${area}.${key}`, text)
    }
  }
  return words
}

/** Words of the console, and of messages, which have templates. */
const isOurs = (key: string): boolean => /^(?:admin[.-]|messages\.)/.test(key)

const argumentsOf = (message: IntlMessageFormat): Set<string> => {
  const names = new Set<string>()
  // Types of the syntax tree: 0 text, 7 `#`; a plural or select has `options` with parts of its own.
  const visit = (parts: ReturnType<IntlMessageFormat['getAst']>): void => {
    for (const part of parts) {
      if (part.type === 0 || part.type === 7) continue
      names.add(part.value)
      if ('options' in part) for (const option of Object.values(part.options)) visit(option.value)
    }
  }
  visit(message.getAst())
  return names
}

/** Numbers look like the codes beside them, which are typed in Western digits everywhere. */
const formatLocale = (code: string): string => `${code}-u-nu-latn`

/** Names that a text needs filled in. Texts with `{{name}}` are message templates, not ICU. */
export const placeholders = (text: string, code: string = source): string[] =>
  text.includes('{{')
    ? [...new Set(text.match(/\{\{.*?\}\}/g))].sort()
    : [...argumentsOf(new IntlMessageFormat(text, code, undefined, { ignoreTag: true }))].sort()

/** Nothing is filled in and nothing is quoted, which holds for most texts: they say what they are. */
const plain = /^[^{}']*$/
const nothing: ReadonlySet<string> = new Set()

const parse = (text: string, code: string): { message: Message; names: ReadonlySet<string> } => {
  if (plain.test(text) || text.includes('{{')) return { message: text, names: nothing }
  const read = () => new IntlMessageFormat(text, formatLocale(code), undefined, { ignoreTag: true })
  const first = read()
  const names = argumentsOf(first)
  if (names.size === 0) return { message: first.format() as string, names }
  // Read once more when it is first said: most of the many are rarely said, and take much memory.
  let kept: IntlMessageFormat | undefined
  const message = (values: Values) => {
    kept ??= read()
    return kept.format(values) as string
  }
  return { message, names }
}

const parseWords = (code: string, folder: string): Map<string, Entry> => {
  const entries = new Map<string, Entry & { richer: string[] }>()
  const siblings: [key: string, name: string][] = []
  for (const [key, text] of readWords(folder)) {
    try {
      const { message, names } = parse(text, code)
      entries.set(key, { text, message, names, richer: [] })
      const dot = key.lastIndexOf('.')
      if (names.has(key.slice(dot + 1))) siblings.push([key.slice(0, dot), key.slice(dot + 1)])
    } catch (cause) {
      throw new Error(`views/locales/${code}: "${key}" is not an ICU message`, { cause })
    }
  }
  for (const [key, name] of siblings) entries.get(key)?.richer.push(name)
  return entries
}

const describe = (code: string, folder: string): Language => {
  const given = readdirSync(folder).includes('language.json')
    ? readJson(join(folder, 'language.json'))
    : {}
  const script = new Intl.Locale(code).maximize().script ?? ''
  return {
    code,
    name: given.name ?? new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code,
    dir: (given.dir ?? (rightToLeft.has(script) ? 'rtl' : 'ltr')) === 'rtl' ? 'rtl' : 'ltr',
  }
}

const translate = (own: Map<string, Entry>, english: Map<string, Entry>): Translate => {
  const find = (key: string) => own.get(key) ?? english.get(key)

  return (key, values) => {
    const entry = find(key)
    if (!entry) throw new Error(`There are no words for "${key}"`)
    const richer = values && entry.richer.find((name) => values[name] !== undefined)
    const message = richer ? find(`${key}.${richer}`)!.message : entry.message
    return typeof message === 'string' ? message : message(values ?? {})
  }
}

/**
 * Reads every folder of `directory`: the folder's name is the BCP 47 tag, a file's name the first
 * part of its keys. A folder more is a language more; `language.json` in it may give its `name` and
 * `dir`, which else come from Unicode's data. Everything is parsed here, once.
 *
 * @throws when a text can not be parsed, naming language and key
 */
export const loadLocales = (directory: string): I18n => {
  const codes = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort((a, b) => Number(b === source) - Number(a === source) || a.localeCompare(b))
  if (codes[0] !== source) throw new Error(`${directory} has no "${source}"`)

  const languages = codes.map((code) => describe(code, join(directory, code)))
  const words = new Map(codes.map((code) => [code, parseWords(code, join(directory, code))]))
  const english = words.get(source)!
  const translators = new Map(codes.map((code) => [code, translate(words.get(code)!, english)]))
  /** Settings are the same object until they change, so that this is worked out once for each. */
  const matchers = new WeakMap<readonly string[], ReturnType<typeof languageMatcher>>()
  const matcherOf = (offered: readonly string[]) => {
    const some = codes.filter((code) => offered.includes(code))
    const matcher = matchers.get(offered) ?? languageMatcher(some.length > 0 ? some : codes)
    matchers.set(offered, matcher)
    return matcher
  }

  const owned = new WeakMap<OwnWords, Translate>()
  const wordsOf = (code: string) => words.get(code) ?? english

  const fault = (code: string, key: string, text: string): WordFault | null => {
    const entry = wordsOf(code).get(key) ?? english.get(key)
    if (!entry || isOurs(key)) return { reason: 'unknown-key' }
    try {
      const { names } = parse(text, code)
      const strange = [...names].filter((name) => !entry.names.has(name))
      return strange.length > 0 ? { reason: 'placeholders', names: strange } : null
    } catch {
      return { reason: 'not-a-message' }
    }
  }

  const withOwn = (code: string, own: OwnWords): Translate => {
    const all = new Map(wordsOf(code))
    for (const [key, text] of Object.entries(own)) {
      if (text === null || fault(code, key, text)) continue
      const { message, names } = parse(text, code)
      all.set(key, { ...all.get(key)!, text, message, names })
    }
    return translate(all, english)
  }

  return {
    languages,
    fault,
    texts: (code) =>
      new Map(
        [...wordsOf(code)].filter(([key]) => !isOurs(key)).map(([key, { text }]) => [key, text]),
      ),
    negotiate: (wishes, offered = codes) => {
      const code = matcherOf(offered)(wishes) ?? source
      return languages.find((language) => language.code === code)!
    },
    translator(code, own) {
      const ours = translators.get(code) ?? translators.get(source)!
      if (!own || Object.keys(own).length === 0) return ours
      const known = owned.get(own) ?? withOwn(code, own)
      owned.set(own, known)
      return known
    },
  }
}
