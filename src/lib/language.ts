/** What is known about the languages of a person, strongest first. Values may be anything. */
export interface Wishes {
  /** From the language menu: `lang`, or the cookie that remembers it. */
  chosen?: string | null | undefined
  /** `ui_locales` of OpenID Connect Core 1.0, section 3.1.2.1: tags with spaces between them. */
  uiLocales?: string | null | undefined
  /** From the account. */
  remembered?: string | null | undefined
  /** The `Accept-Language` header. */
  accept?: string | null | undefined
  /** The installation's own. */
  fallback?: string | null | undefined
}

const longestWish = 500
const mostRemembered = 500

/** Tags of an `Accept-Language` header, most wanted first (RFC 9110, section 12.5.4). */
export const acceptedLanguages = (header: string): string[] =>
  header
    .slice(0, longestWish)
    .split(',')
    .map((part) => {
      const [tag = '', weight] = part.split(';')
      const quality = weight === undefined ? 1 : Number(/^\s*q=([\d.]+)\s*$/i.exec(weight)?.[1])
      return { tag: tag.trim(), quality }
    })
    .filter(({ tag, quality }) => tag && tag !== '*' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)

/** The tag, then ever shorter ones; a single character never stays at the end (RFC 4647, 3.4). */
const shorter = (tag: string): string[] => {
  const parts = tag.split('-')
  const tags: string[] = []
  while (parts.length > 0) {
    if (parts.at(-1)!.length > 1) tags.push(parts.join('-'))
    parts.pop()
  }
  return tags
}

/** With the script that the region implies first, so that `zh-TW` finds `zh-Hant` before `zh`. */
const ranges = (tag: string): string[] => {
  try {
    const locale = new Intl.Locale(tag)
    return [...shorter(locale.baseName), ...shorter(locale.maximize().baseName)].sort(
      (a, b) => b.length - a.length,
    )
  } catch {
    return []
  }
}

/** A function that answers the best of `codes` for what somebody wishes, or null. */
export const languageMatcher = (codes: readonly string[]) => {
  const known = new Map(codes.map((code) => [code.toLowerCase(), code]))
  const found = new Map<string, string | null>()
  const search = (tag: string): string | null =>
    ranges(tag.trim())
      .map((range) => known.get(range.toLowerCase()))
      .find((code) => code !== undefined) ?? null
  /** The same few tags come again and again; whoever sends others on purpose fills no memory. */
  const find = (tag: string): string | null => {
    let code = found.get(tag)
    if (code === undefined) {
      code = search(tag)
      if (found.size >= mostRemembered) found.clear()
      found.set(tag, code)
    }
    return code
  }

  return ({ chosen, uiLocales, remembered, accept, fallback }: Wishes): string | null => {
    const tags = [
      chosen ?? '',
      ...(uiLocales ?? '').slice(0, longestWish).split(' '),
      remembered ?? '',
      ...acceptedLanguages(accept ?? ''),
      fallback ?? '',
    ]
    for (const tag of tags) {
      const found = tag && find(tag)
      if (found) return found
    }
    return null
  }
}
