/** What may be said of a person, for those who say it without a page. */
import { z } from 'zod'

export const longestPersonName = 100

/** One line, as its owner writes it. */
export const personName = z
  .string()
  .trim()
  .min(1)
  .refine(
    (name) => [...name].length <= longestPersonName,
    `has to have at most ${longestPersonName} characters`,
  )
  .refine((name) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(name), 'may hold no control characters')

/** Such as `de` or `de-CH`. */
export const personLocale = z
  .string()
  .max(35)
  .refine((tag) => {
    try {
      return Intl.getCanonicalLocales(tag).length === 1
    } catch {
      return false
    }
  }, 'has to be a language tag, such as en or de-CH')

const mostBytes = 16 * 1024
const mostLevels = 8

/** A lone surrogate or a NUL would not come back as it was given. */
const isWhole = (text: string): boolean => text.isWellFormed() && !text.includes('\0')

const faultOf = (value: unknown, level: number): string | null => {
  if (typeof value === 'string') return isWhole(value) ? null : 'holds text that is not Unicode'
  if (typeof value === 'number' && !Number.isFinite(value)) return 'holds a number beyond all'
  if (typeof value !== 'object' || value === null) return null
  if (level > mostLevels) return `may have at most ${mostLevels} levels`
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__' || !isWhole(key)) return 'holds a name that is not possible'
    const fault = faultOf(inner, level + 1)
    if (fault) return fault
  }
  return null
}

/** An object of at most 16 KB and eight levels, for applications to read. */
export const customData = z.record(z.string(), z.unknown()).superRefine((value, ctx) => {
  const fault =
    faultOf(value, 1) ??
    (Buffer.byteLength(JSON.stringify(value)) > mostBytes ? `may have at most 16 KB` : null)
  if (fault) ctx.addIssue({ code: 'custom', message: fault, input: value })
})

/** Roles in applications: names alone, unless a second factor is asked of those who have one. */
export const roleNames = z
  .array(
    z
      .string()
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/, 'has to be 1 to 64 visible ASCII characters'),
  )
  .max(100)
  .refine((all) => new Set(all).size === all.length, 'may name nothing twice')
