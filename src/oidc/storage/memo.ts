import { Provider } from 'oidc-provider'

export interface Stored {
  [key: string]: unknown
}

/** What one request has already read, so that it is not read again. */
export interface Memo {
  grants: Map<string, Stored>
  sessionsByUid: Map<string, Stored>
  /** Clients that a session knew when it was read; what is gone since was signed out. */
  authorizations: Map<string, readonly string[]>
  factors: Map<string, string | null>
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
      authorizations: new Map(),
      factors: new Map(),
    }
    if (ctx) memos.set(ctx, found)
  }
  return found
}
