import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { SettingsStore } from '#src/settings/index.ts'
import { findManagedUser, touchUser } from '#src/users/index.ts'
import { newPasswordHash, type PasswordMethod } from '#src/verification/index.ts'
import { protectAdmins } from '../access/protect-repository.ts'
import { type Operation, operation } from '../contract.ts'
import { type EndAccess, person, personId, userView } from './user-view.ts'

/**
 * A password that was chosen for somebody, hashed for {@link PasswordMethod.store}; before any
 * transaction, since it takes its time.
 *
 * @param words that others would try for this person
 * @throws Problem that says of `password` what is wrong with it; `busy`
 */
export const newPassword = async (
  { passwords, settings }: { passwords: PasswordMethod; settings: Settings },
  password: string,
  words: readonly (string | null)[],
): Promise<string> => {
  try {
    return await newPasswordHash({ passwords, settings }, password, words)
  } catch (error) {
    if (!(error instanceof Problem) || !error.field) throw error
    throw new Problem(error.code, { field: 'password', values: error.values, cause: error })
  }
}

export interface UserPasswordDeps {
  settings: Pick<SettingsStore, 'current'>
  passwords: PasswordMethod
  endAccess: EndAccess
}

/** Passwords that admins give to people. */
export const userPasswordOperations = (deps: UserPasswordDeps): Operation[] => [
  operation({
    id: 'users.setPassword',
    method: 'PUT',
    path: '/users/{id}/password',
    scope: 'users:write',
    summary: 'Gives somebody a new password, and signs them out everywhere.',
    versioned: true,
    params: personId,
    body: z.strictObject({ password: z.string().max(1024) }),
    destructive: true,
    answer: person,
    note: ({ params }) => ({ event: 'user.password_set', userId: params.id, method: 'password' }),
    async prepare({ db, params: { id }, actor, body: { password } }) {
      await protectAdmins(db).from(actor, id)
      const { name, identifiers } = await findManagedUser(db, id)
      return newPassword({ ...deps, settings: deps.settings.current() }, password, [
        name,
        ...identifiers.map(({ value }) => value),
      ])
    },
    async run({ db, params: { id }, actor, version, ready }) {
      await protectAdmins(db).from(actor, id)
      await touchUser(db, id, version)
      await deps.passwords.store(db, id, ready)
      await deps.endAccess(db, id)
      return userView(db, id)
    },
  }),
]
