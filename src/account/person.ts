import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Db } from '#src/db/contract.ts'
import { findManagedUser, type Identifier } from '#src/users/index.ts'
import { findCredentials } from '#src/verification/index.ts'

/** A moment as APIs write it. */
export const instant = z
  .date()
  .transform((at) => at.toISOString())
  .pipe(z.iso.datetime())

/** Names an identifier in addresses, which are kept in histories, without telling it. */
export const identifierId = ({ type, value }: Pick<Identifier, 'type' | 'value'>): string =>
  createHash('sha256').update(`${type}:${value}`).digest('base64url').slice(0, 22)

/** A person as the account API shows them to themselves. */
export const person = z.object({
  id: z.string(),
  name: z.string().nullable(),
  locale: z.string().nullable(),
  createdAt: instant,
  lastSignInAt: instant.nullable(),
  version: z.int(),
  identifiers: z
    .array(
      z.object({
        id: z.string(),
        type: z.enum(['email', 'phone', 'username']),
        value: z.string().describe('As it is compared.'),
        display: z.string().describe('As it was typed.'),
        verified: z.boolean(),
      }),
    )
    .describe('The preferred one of each kind first.'),
  credentials: z.object({
    password: z.object({ changedAt: instant }).nullable(),
    totp: z.object({ since: instant }).nullable(),
    backupCodes: z.object({ left: z.int(), since: instant }).nullable(),
    passkeys: z.int(),
  }),
})

/** @throws Problem `not_found` */
export const personView = async (db: Db, userId: string): Promise<z.input<typeof person>> => {
  const user = await findManagedUser(db, userId)
  const { passkeys, ...credentials } = await findCredentials(db, userId)
  return {
    ...user,
    identifiers: user.identifiers.map((each) => ({ ...each, id: identifierId(each) })),
    credentials: { ...credentials, passkeys: passkeys.length },
  }
}
