import type { Context } from 'koa'
import type { Db } from '#src/db/contract.ts'
import { type Keyring, randomToken } from '#src/lib/crypto.ts'
import type { Settings } from '#src/settings/contract.ts'
import { trustedBrowserRepository } from '#src/users/index.ts'
import { readBrowser } from './browser.ts'

export interface TrustDeps {
  db: Db
  keys: Keyring
  https: boolean
  settings: () => Settings
}

export interface TrustedBrowsers {
  /** Days for which a browser may be trusted; null where none is. */
  days(): number | null
  /** Whether this person has trusted this very browser, which shows the cookie of it. */
  isTrusted(ctx: Pick<Context, 'cookies'>, userId: string): Promise<boolean>
  /**
   * Trusts this browser from now on, unless all trust was dropped since the sign-in began.
   *
   * @returns whether it is trusted
   */
  trust(ctx: Context, userId: string, signInBegan: Date): Promise<boolean>
}

/** People who share a browser have a token each in its cookie. */
const mostPeople = 5
const dayMs = 24 * 60 * 60 * 1000

const nameOf = (https: boolean) => (https ? '__Host-avouch_trust' : 'avouch_trust')

const tokensIn = (cookie: string | undefined): string[] =>
  (cookie ?? '')
    .split('.')
    .filter((token) => /^[\w-]{43}$/.test(token))
    .slice(0, mostPeople)

/**
 * Browsers that are not asked for a second factor where the policy alone would ask. A cookie of its
 * own says so, and counts only beside the cookie that tells this browser from others, for the person
 * who has trusted it. It proves nothing: no `acr`, no `amr`, no factor.
 */
export const trustedBrowsers = ({ db, keys, https, settings }: TrustDeps): TrustedBrowsers => {
  const repository = trustedBrowserRepository(db)
  const name = nameOf(https)
  const hash = (token: string) => keys.mac('trusted-browser', token)
  const shown = ({ cookies }: Pick<Context, 'cookies'>) =>
    tokensIn(cookies.get(name, { signed: false }))
  const days = () => {
    const { trustedDeviceDays } = settings().session
    return trustedDeviceDays > 0 ? trustedDeviceDays : null
  }

  return {
    days,
    async isTrusted(ctx, userId) {
      const lasting = days()
      const tokens = shown(ctx)
      if (lasting === null || tokens.length === 0) return false
      const browser = readBrowser({ keys, https }, ctx)
      if (!browser.returning) return false
      return repository.isTrusted(
        userId,
        { browser: browser.hash, tokens: tokens.map(hash) },
        lasting,
      )
    },

    async trust(ctx, userId, signInBegan) {
      const lasting = days()
      if (lasting === null) return false
      const token = randomToken()
      const trusted = await repository.trust(
        userId,
        {
          browser: readBrowser({ keys, https }, ctx).hash,
          token: hash(token),
          agent: ctx.get('user-agent').slice(0, 256) || null,
        },
        { days: lasting, signInBegan },
      )
      if (!trusted) return false
      ctx.cookies.set(name, [token, ...shown(ctx)].slice(0, mostPeople).join('.'), {
        httpOnly: true,
        sameSite: 'lax',
        secure: https,
        signed: false,
        path: '/',
        maxAge: lasting * dayMs,
        overwrite: true,
      })
      return true
    },
  }
}
