import { Provider } from 'oidc-provider'
import type { Account } from '#src/users/index.ts'
import type { SetUp } from '#src/verification/index.ts'
import type { Unit } from './unit-repository.ts'

export interface Stored {
  [key: string]: unknown
}

/** What one request has already read, so that it is not read again, and what it is to write. */
export interface Memo {
  grants: Map<string, Stored>
  sessionsByUid: Map<string, Stored>
  factors: Map<string, string | null>
  /** People by their id, as the row said that led to them. */
  accounts: Map<string, Account | null>
  setUp: Map<string, SetUp>
  /** Sessions as they were read, by uid. */
  sessions: Map<string, Stored>
  /** The sign-in that the code comes from which is being exchanged; for the audit log. */
  signIn: string | null
  /** Where the request writes everything at its end. */
  unit: Unit | null
}

const memos = new WeakMap<object, Memo>()

/** The memo of the request that is being answered; a fresh one outside of requests. */
export const memo = (ctx = Provider.ctx as object | undefined): Memo => {
  let found = ctx && memos.get(ctx)
  if (!found) {
    found = {
      grants: new Map(),
      sessionsByUid: new Map(),
      factors: new Map(),
      accounts: new Map(),
      setUp: new Map(),
      sessions: new Map(),
      signIn: null,
      unit: null,
    }
    if (ctx) memos.set(ctx, found)
  }
  return found
}
