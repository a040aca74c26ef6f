import type { Context } from 'koa'
import type { Factor } from '#src/verification/index.ts'
import type { Sessions } from './storage/session-repository.ts'

/** Somebody who is signed in with a browser. */
export interface BrowserSession {
  userId: string
  /** Names the session, and opens nothing. */
  uid: string
  factors: readonly Factor[]
  /** When they last proved who they are. */
  signedInAt: Date
}

export interface SessionReaderDeps {
  sessions: Sessions
  cookie: string
}

/** Reads the session of a request's browser, for pages beside the protocol. Does not prolong it. */
export const sessionReader =
  ({ sessions, cookie }: SessionReaderDeps) =>
  async (ctx: Context): Promise<BrowserSession | null> => {
    const id = ctx.cookies.get(cookie, { signed: true })
    const found = id ? await sessions.findLive(id) : null
    if (!found) return null
    const { loginTs = 0 } = found.payload as { loginTs?: number }
    return {
      userId: found.userId,
      uid: found.uid,
      factors: found.factors ? JSON.parse(found.factors) : [],
      signedInAt: new Date(loginTs * 1000),
    }
  }
