import { z } from 'zod'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { type Challenge, type Purpose, spendChallenge } from './challenge-repository.ts'
import { refused } from './library.ts'

/** @throws Problem `passkey_refused` */
export const readAnswer = <T>(schema: z.ZodType<T>, json: string): T => {
  const parsed = schema.safeParse(parse(json))
  if (!parsed.success) throw refused(parsed.error)
  return parsed.data
}

const clientData = z.object({
  type: z.string(),
  challenge: z.string().regex(/^[\w-]{43}$/),
  crossOrigin: z.boolean().optional(),
})

/**
 * Spends the challenge that an answer is for, before anything else is looked at: a wrong answer
 * spends it too.
 *
 * @throws Problem `passkey_refused`, or `passkey_expired` where there is no such challenge any more
 */
export const spendFor = async (
  db: Db,
  subject: string,
  purpose: Purpose,
  clientDataJSON: string,
): Promise<Challenge & { challenge: string }> => {
  const text = Buffer.from(clientDataJSON, 'base64url').toString()
  const { type, challenge, crossOrigin } = readAnswer(clientData, text)
  if (type !== `webauthn.${purpose}`) throw refused(`type ${type}`)
  // These pages are never in a frame of another site.
  if (crossOrigin) throw refused('crossOrigin')
  const spent = await spendChallenge(db, Buffer.from(challenge, 'base64url'), subject, purpose)
  if (!spent) throw new Problem('passkey_expired')
  return { ...spent, challenge }
}

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
