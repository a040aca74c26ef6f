import type { FindAccount } from 'oidc-provider'
import type { Account as User, Users } from '#src/users/index.ts'
import { memo } from './storage/memo.ts'

/** Which claims each scope gives (OpenID Connect Core 1.0, §5.4), for the library. */
export const claimsByScope = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'preferred_username', 'locale', 'updated_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  roles: ['roles'],
  custom_data: ['custom_data'],
}

/** What is said of a person; only what they have proven to be theirs. */
export const claimsOf = (user: User): Record<string, unknown> & { sub: string } => {
  const proven = (type: string) =>
    user.identifiers.find((identifier) => identifier.type === type && identifier.verified)
  const email = proven('email')
  const phone = proven('phone')
  const username = proven('username')
  return {
    sub: user.id,
    ...(user.name ? { name: user.name } : {}),
    ...(username ? { preferred_username: username.value } : {}),
    ...(user.locale ? { locale: user.locale } : {}),
    roles: user.roles,
    custom_data: user.customData,
    updated_at: Math.floor(user.updatedAt.getTime() / 1000),
    ...(email ? { email: email.display, email_verified: true } : {}),
    ...(phone ? { phone_number: phone.value, phone_number_verified: true } : {}),
  }
}

/** Nobody is found who is blocked or gone: then nothing is issued, refreshed or told. */
export const findAccount =
  (users: Users): FindAccount =>
  async (_ctx, sub) => {
    const { accounts } = memo()
    const user = accounts.get(sub) ?? (await users.find(sub))
    accounts.set(sub, user)
    if (!user || user.blocked) return undefined
    return { accountId: sub, claims: () => claimsOf(user) }
  }
