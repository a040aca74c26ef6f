import type { Context } from 'koa'
import type { Keyring } from '#src/lib/crypto.ts'
import type { Begun, SignedIn } from './relying-party.ts'
import type { ConsoleSession, ConsoleSessions } from './session-repository.ts'
import type { Unsent } from './unsent.ts'

export interface SessionDeps {
  repository: ConsoleSessions
  keys: Keyring
  https: boolean
}

const minute = 60 * 1000
const begunMs = 30 * minute
const sealedFor = 'console sign-in'

/** The console's cookies: who is signed in, and which sign-in is out with this browser. */
export const consoleSessions = ({ repository, keys, https }: SessionDeps) => {
  const name = (what: string) => `${https ? '__Host-' : ''}avouch_${what}`
  const cookie = {
    httpOnly: true,
    sameSite: 'lax',
    secure: https,
    signed: false,
    path: '/',
  } as const
  const tokenOf = (ctx: Context) => ctx.cookies.get(name('console'), { signed: false })

  const openBegun = (sealed: string): Begun | null => {
    try {
      return JSON.parse(keys.open(Buffer.from(sealed, 'base64url'), sealedFor))
    } catch {
      return null
    }
  }

  return {
    async read(ctx: Context): Promise<ConsoleSession | null> {
      const token = tokenOf(ctx)
      return token ? repository.find(token) : null
    },

    /** Ends what was there, so that a cookie from before means nothing afterwards. */
    async begin(ctx: Context, { userId, idToken }: SignedIn, authenticatedAt: Date): Promise<void> {
      const before = tokenOf(ctx)
      const unsent = before && (await repository.takeUnsent(before, userId))
      if (before) await repository.end(before)
      const token = await repository.begin(userId, idToken, authenticatedAt)
      if (unsent) await repository.keepUnsent(token, unsent)
      ctx.cookies.set(name('console'), token, cookie)
    },

    /** @returns whether it is kept: nobody knows whose it would be where nobody was signed in */
    async keepUnsent(ctx: Context, unsent: Unsent): Promise<boolean> {
      const token = tokenOf(ctx)
      return token !== undefined && repository.keepUnsent(token, JSON.stringify(unsent))
    },

    async takeUnsent(ctx: Context): Promise<Unsent | null> {
      const token = tokenOf(ctx)
      const session = token && (await repository.find(token))
      const unsent = token && session && (await repository.takeUnsent(token, session.userId))
      return unsent ? JSON.parse(unsent) : null
    },

    /** @returns the ID token to sign out with at the provider */
    async end(ctx: Context): Promise<string | null> {
      const token = tokenOf(ctx)
      ctx.cookies.set(name('console'), null, cookie)
      return token ? repository.end(token) : null
    },

    /** Keeps what somebody is typing until they type something else, or leave. */
    async keepDraft(ctx: Context, draft: unknown): Promise<void> {
      const token = tokenOf(ctx)
      if (token) await repository.keepDraft(token, JSON.stringify(draft))
    },

    async draft<T>(ctx: Context): Promise<T | null> {
      const token = tokenOf(ctx)
      const draft = token && (await repository.draft(token))
      return draft ? JSON.parse(draft) : null
    },

    /** Remembers in the browser what its way back has to match. */
    keepBegun(ctx: Context, begun: Begun): void {
      const sealed = keys.seal(JSON.stringify(begun), sealedFor).toString('base64url')
      ctx.cookies.set(name('console_begun'), sealed, { ...cookie, maxAge: begunMs })
    },

    takeBegun(ctx: Context): Begun | null {
      const sealed = ctx.cookies.get(name('console_begun'), { signed: false })
      ctx.cookies.set(name('console_begun'), null, cookie)
      return sealed ? openBegun(sealed) : null
    },

    /** The token of the owner's link, kept while its holder signs in. */
    keepClaim(ctx: Context, token: string): void {
      ctx.cookies.set(name('claim'), token, { ...cookie, maxAge: 60 * minute })
    },

    claim: (ctx: Context): string | undefined => ctx.cookies.get(name('claim'), { signed: false }),

    dropClaim(ctx: Context): void {
      ctx.cookies.set(name('claim'), null, cookie)
    },
  }
}

export type Sessions = ReturnType<typeof consoleSessions>
