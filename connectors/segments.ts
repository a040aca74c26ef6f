// 3GPP TS 23.038, section 6.2.1: the default alphabet, then its extension, which takes two places.
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
const extended = new Set('\f^{}\\[~]|€')

export type Encoding = 'GSM-7' | 'UCS-2'

export interface Segments {
  encoding: Encoding
  /** Places that the text takes, in septets or in UTF-16 units. */
  units: number
  /** How many text messages are paid for. */
  count: number
  /** The first character that does not fit into GSM-7; null where all do. */
  forcedBy: string | null
}

/** What a phone shows alike, or nearly. */
const alike: Record<string, string> = {
  '‘': "'",
  '’': "'",
  '‚': "'",
  '´': "'",
  '`': "'",
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '‑': '-',
  '−': '-',
  '…': '...',
  '•': '-',
  '·': '-',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
  '\u200b': '',
  '\ufeff': '',
  '\t': ' ',
  '×': 'x',
  '™': '(TM)',
  '©': '(C)',
  '®': '(R)',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ı: 'i',
  œ: 'oe',
  Œ: 'OE',
}

/** Without its accent, where only that is too much. */
const plain = (character: string): string | null => {
  const [letter = ''] = character.normalize('NFD')
  return letter !== character && basic.has(letter) ? letter : null
}

/** A character that makes a text message cost more, and what could stand in its place. */
export interface Costly {
  character: string
  count: number
  /** Null where nothing of GSM-7 looks like it. */
  replacement: string | null
}

/** Every character that does not fit into GSM-7, in the order in which they come first. */
export const costly = (text: string): Costly[] => {
  const found = new Map<string, Costly>()
  for (const character of text) {
    if (basic.has(character) || extended.has(character)) continue
    const before = found.get(character)
    const replacement = alike[character] ?? plain(character)
    found.set(character, { character, replacement, count: (before?.count ?? 0) + 1 })
  }
  return [...found.values()]
}

/** The text with all that can be replaced; placeholders stay as they are. */
export const cheaper = (text: string): string => {
  const replacements = new Map(costly(text).map((one) => [one.character, one.replacement]))
  return [...text].map((character) => replacements.get(character) ?? character).join('')
}

/**
 * Packs units into as few messages as the rules allow; what takes two places is never cut in half,
 * so that a message may end one place early.
 */
const pack = (sizes: readonly number[], single: number, each: number): number => {
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total === 0) return 0
  if (total <= single) return 1
  let count = 1
  let used = 0
  for (const size of sizes) {
    if (used + size > each) {
      count += 1
      used = 0
    }
    used += size
  }
  return count
}

/**
 * How a text message is split: 160 places in GSM-7 or 70 in UCS-2 when it is one, 153 or 67 each
 * when it is several, since every part then carries a header (3GPP TS 23.040, section 9.2.3.24.1).
 */
export const segments = (text: string): Segments => {
  const characters = [...text]
  const forcedBy = characters.find((each) => !basic.has(each) && !extended.has(each)) ?? null
  const encoding = forcedBy === null ? 'GSM-7' : 'UCS-2'
  const sizes = characters.map((each) =>
    encoding === 'UCS-2' ? each.length : extended.has(each) ? 2 : 1,
  )
  return {
    encoding,
    units: sizes.reduce((sum, size) => sum + size, 0),
    count: encoding === 'GSM-7' ? pack(sizes, 160, 153) : pack(sizes, 70, 67),
    forcedBy,
  }
}
