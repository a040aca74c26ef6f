import { Provider } from 'oidc-provider'
import type { Account } from '#src/users/index.ts'

export interface Stored {
  [key: string]: unknown
}

/** What one request has already read, so that it is not read again. */
export interface Memo {
  grants: Map<string, Stored>
  sessionsByUid: Map<string, Stored>
  factors: Map<string, string | null>
  /** People by their id, as the row said that led to them. */
  accounts: Map<string, Account | null>
  /** Sessions as they were read, by uid. */
  sessions: Map<string, Stored>
}

const memos = new WeakMap<object, Memo>()

/** The memo of the request that is being answered; a fresh one outside of requests. */
export const memo = (): Memo => {
  const ctx = Provider.ctx as object | undefined
  let found = ctx && memos.get(ctx)
  if (!found) {
    found = {
      grants: new Map(),
      sessionsByUid: new Map(),
      factors: new Map(),
      accounts: new Map(),
      sessions: new Map(),
    }
    if (ctx) memos.set(ctx, found)
  }
  return found
}
