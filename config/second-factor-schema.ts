/** What the settings say of second factors: who needs one, and what becomes of those who lose it. */
import { z } from 'zod'
import { distinct } from './distinct.ts'

/** When a second factor is asked for. */
export const secondFactor = z.enum(['required', 'when_enrolled', 'off'])

/** Of an application, or of the console. */
const roleName = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/, 'has to be 1 to 64 visible ASCII characters')

export const mfa = z.object({
  afterPassword: secondFactor,
  afterPasswordless: secondFactor,
  roles: distinct(roleName).max(100),
})
export const recovery = z.object({
  text: z
    .string()
    .trim()
    .min(1)
    .max(1000)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'may hold no control characters')
    .nullable(),
  reset: z.enum(['off', 'approval']),
  waitHours: z
    .int()
    .min(1)
    .max(30 * 24),
})
