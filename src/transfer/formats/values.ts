import { personLocale } from '#src/users/index.ts'

/** What a file of another product holds is looked at member by member: nothing of it is certain. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectAt = (value: unknown): Json => (isObject(value) ? value : {})

/** Null for what is no text, or empty. */
export const textAt = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null

export const isTrue = (value: unknown): boolean => value === true || value === 'true'

export const textsAt = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

/** An ISO text, or milliseconds; null for what is no time that anybody can have come at. */
export const timeAt = (value: unknown): Date | null => {
  const milliseconds = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof milliseconds !== 'string' && typeof milliseconds !== 'number') return null
  const at = new Date(milliseconds)
  return at.getTime() >= 0 && at.getTime() <= Date.now() ? at : null
}

/** `en_US` is `en-US`; what is no language says nothing. */
export const localeAt = (value: unknown): string | null => {
  const tag = textAt(value)?.replaceAll('_', '-')
  return tag && personLocale.safeParse(tag).success ? tag : null
}

/** A name, or what it is made of. */
export const nameOf = (whole: unknown, given: unknown, family: unknown): string | null =>
  textAt(whole) ?? ([textAt(given), textAt(family)].filter(Boolean).join(' ') || null)

export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Without what is empty. */
export const dataOf = (members: Json): Json =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        !(isObject(value) && Object.keys(value).length === 0),
    ),
  )

export const isEmail = (value: string | null): boolean => value?.includes('@') ?? false
