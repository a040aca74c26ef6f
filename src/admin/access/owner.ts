import { z } from 'zod'
import { shortName } from '#config/settings-schema.ts'
import { auditRepository } from '#src/audit/index.ts'
import { type Db, exclusively } from '#src/db/index.ts'
import { randomToken, sha256 } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Settings } from '#src/settings/contract.ts'
import { readIdentifier, userRepository } from '#src/users/index.ts'
import type { PasswordMethod } from '#src/verification/index.ts'
import { adminRepository } from './admin-repository.ts'

const linkMinutes = 60

/**
 * A link with which somebody becomes the first owner, good for an hour; null once there is one. For
 * standard output alone: whoever reads it is the operator.
 */
export const ownerLink = (db: Db, baseUrl: string): Promise<string | null> =>
  exclusively(db, 'owner', async (tx) => {
    const admins = adminRepository(tx)
    if (await admins.hasOwner()) return null
    const token = randomToken()
    await admins.replaceLink(sha256(token), linkMinutes)
    return `${baseUrl}/admin/claim/${token}`
  })

export interface OwnerDeps {
  db: Db
  settings: () => Settings
  passwords: PasswordMethod
  /** `ADMIN_EMAIL`: nobody else may become the first owner; null: whoever has the link. */
  email: string | null
}

export interface NewOwner {
  name: string
  email: string
  new_password: string
}

const form = z.object({ name: shortName })

/** How the first owner comes to be. */
export const ownership = ({ db, settings, passwords, email: only }: OwnerDeps) => {
  const readEmail = (text: string) => {
    const identifier = readIdentifier(text, { types: ['email'], field: 'email' })
    if (only && identifier.value !== readIdentifier(only, { types: ['email'] }).value) {
      throw new Problem('not_the_admin', { field: 'email' })
    }
    return identifier
  }

  return {
    isOpen: (token: string): Promise<boolean> => adminRepository(db).isLinkOpen(sha256(token)),

    /**
     * An account for whoever has the link and none yet. The address counts as theirs: they have
     * access to the server itself.
     *
     * @throws Problem `already_exists` when the address is somebody's
     */
    async createAccount(
      { name, email, new_password }: NewOwner,
      address: string | null,
    ): Promise<string> {
      const parsed = form.safeParse({ name })
      if (!parsed.success) throw new Problem('name_required', { field: 'name' })
      const identifier = readEmail(email)
      passwords.check(new_password, {
        minLength: settings().password.minLengthWithSecondFactor,
        context: [parsed.data.name, identifier.value, settings().branding.name],
      })
      const prepared = await passwords.prepare(new_password)
      return db.transaction(async (tx) => {
        const users = userRepository(tx)
        const id = await users.create({ name: parsed.data.name, locale: null })
        if (!(await users.prove(id, identifier))) {
          throw new Problem('already_exists', { field: 'email' })
        }
        await passwords.store(tx, id, prepared)
        await auditRepository(tx).add({ event: 'admin.owner_created', userId: id, address })
        return id
      })
    },

    /**
     * Makes a person who has proven a password and a second factor the owner, once for each link.
     *
     * @throws Problem `link_used` when somebody else was first, `not_the_admin`
     */
    async claim(token: string, userId: string, address: string | null): Promise<void> {
      await db.transaction(async (tx) => {
        const user = await userRepository(tx).find(userId)
        const verified = user?.identifiers.filter((each) => each.verified) ?? []
        const wanted = only && readIdentifier(only, { types: ['email'] }).value
        if (wanted && !verified.some(({ value }) => value === wanted)) {
          throw new Problem('not_the_admin')
        }
        if (!(await adminRepository(tx).becomeOwner(sha256(token), userId))) {
          throw new Problem('link_used')
        }
        await auditRepository(tx).add({ event: 'admin.owner_claimed', userId, address })
      })
    },
  }
}

export type Ownership = ReturnType<typeof ownership>
