import type { Context } from 'koa'
import type { Settings } from '#src/settings/contract.ts'
import { type Acr, acrValues, type Factor } from '#src/verification/index.ts'
import { sessionAssurance } from './assurance.ts'
import type { Sessions } from './storage/session-repository.ts'

/** Somebody who is signed in with a browser. */
export interface BrowserSession {
  userId: string
  /** Names the session, and opens nothing. */
  uid: string
  factors: readonly Factor[]
  /** When they last proved who they are. */
  signedInAt: Date
  /** How far the session vouches for them right now. */
  acr: Acr
}

export interface SessionReaderDeps {
  sessions: Sessions
  settings: () => Settings
  cookie: string
}

/** Reads the session of a request's browser, for pages beside the protocol. Does not prolong it. */
export const sessionReader =
  ({ sessions, settings, cookie }: SessionReaderDeps) =>
  async (ctx: Context): Promise<BrowserSession | null> => {
    const id = ctx.cookies.get(cookie, { signed: true })
    const found = id ? await sessions.findLive(id) : null
    if (!found) return null
    const { loginTs = 0, exp, acr = 'aal1' } = found.payload as Kept
    const factors: Factor[] = found.factors ? JSON.parse(found.factors) : []
    const now = sessionAssurance(factors, { exp }, settings().session)
    return {
      userId: found.userId,
      uid: found.uid,
      factors,
      signedInAt: new Date(loginTs * 1000),
      // To be back does not bring back what has lapsed.
      acr: weaker(acr, now?.acr ?? 'aal1'),
    }
  }

/** What of a stored session is looked at here. */
interface Kept {
  loginTs?: number
  exp?: number
  acr?: Acr
}

const weaker = (one: Acr, other: Acr): Acr =>
  acrValues.indexOf(one) <= acrValues.indexOf(other) ? one : other
