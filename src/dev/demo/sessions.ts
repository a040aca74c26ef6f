import { randomToken } from '#src/lib/crypto.ts'
import type { Exchange } from './exchange.ts'
import type { Pending, Tokens } from './relying-party.ts'

export interface SignedIn {
  tokens: Tokens
  userinfo: { [claim: string]: unknown } | null
  /** The access token is for another API, so it does not open userinfo. */
  resource: string | null
  exchanges: readonly Exchange[]
}

export interface DemoSession {
  /** By state: sign-ins that are out with this browser, one for each tab. */
  pending: Map<string, Pending>
  signedIn: SignedIn | null
  /** Said once, on the next page. */
  notice: string | null
}

const pendingAtMost = 10

/** Remembers a sign-in that has begun, and forgets the oldest where there are too many. */
export const addPending = ({ pending }: DemoSession, begun: Pending): void => {
  pending.set(begun.state, begun)
  const [oldest] = pending.keys()
  if (pending.size > pendingAtMost && oldest !== undefined) pending.delete(oldest)
}

/** Sessions in memory: gone with the process, and the least recently used one makes room. */
export const demoSessions = (capacity = 500) => {
  const sessions = new Map<string, DemoSession>()

  const put = (id: string, session: DemoSession): void => {
    sessions.delete(id)
    sessions.set(id, session)
    const [oldest] = sessions.keys()
    if (sessions.size > capacity && oldest !== undefined) sessions.delete(oldest)
  }

  return {
    find(id: string | undefined): DemoSession | null {
      const session = id === undefined ? undefined : sessions.get(id)
      if (!session || id === undefined) return null
      put(id, session)
      return session
    },

    open(): { id: string; session: DemoSession } {
      const id = randomToken()
      const session: DemoSession = { pending: new Map(), signedIn: null, notice: null }
      put(id, session)
      return { id, session }
    },

    /** The same session under a new id, as for every change of who is signed in. */
    renew(old: string, session: DemoSession): string {
      const id = randomToken()
      sessions.delete(old)
      put(id, session)
      return id
    },

    get size(): number {
      return sessions.size
    },
  }
}

export type DemoSessions = ReturnType<typeof demoSessions>
