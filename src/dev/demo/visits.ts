import type { Context } from 'koa'
import type { DemoSession, DemoSessions } from './sessions.ts'

export interface Visit {
  id: string
  session: DemoSession
}

// Cookies ignore ports, so the name has to be unlike any of the provider's on the same host.
const cookieName = 'avouch_demo_session'

/** Which session a request belongs to, by a cookie that scripts can not read. */
export const visits = (sessions: DemoSessions, baseUrl: string) => {
  const secure = baseUrl.startsWith('https:')

  const remember = (ctx: Context, id: string): void => {
    ctx.cookies.set(cookieName, id, { httpOnly: true, sameSite: 'lax', path: '/', secure })
  }

  const find = (ctx: Context): Visit | null => {
    const id = ctx.cookies.get(cookieName)
    const session = sessions.find(id)
    return id !== undefined && session ? { id, session } : null
  }

  return {
    find,

    findOrOpen(ctx: Context): Visit {
      const known = find(ctx)
      if (known) return known
      const opened = sessions.open()
      remember(ctx, opened.id)
      return opened
    },

    /** Goes on under a new id, so that one that was planted before a sign-in is worth nothing. */
    renew(ctx: Context, { id, session }: Visit): void {
      remember(ctx, sessions.renew(id, session))
    },
  }
}

export type Visits = ReturnType<typeof visits>
