import type { Db } from '#src/db/contract.ts'
import type { Identifier, IdentifierType } from './contract.ts'

interface BrowserRow {
  user_id: string
  name: string | null
  identifier_type: IdentifierType
  identifier_value: string
  display: string
  method: string
}

/** Somebody who has signed in with this browser before. */
export interface KnownAccount {
  userId: string
  name: string | null
  identifier: Identifier
  /** The method that was used last. */
  method: string
}

/** A browser that somebody has signed in with. */
export interface Device {
  /** Hash of its cookie: opens nothing. */
  browser: Buffer
  identifier: { type: IdentifierType; value: string }
  /** The method that was used last. */
  method: string
  lastUsedAt: Date
}

/** Which people have signed in with which browser; browsers are keyed hashes of their cookie. */
export const browserRepository = (db: Db) => ({
  async accounts(browser: Buffer): Promise<KnownAccount[]> {
    const rows = await db.query<BrowserRow>(
      'users.browser.accounts',
      `select k.user_id, u.name, k.identifier_type, k.identifier_value, i.display, k.method
         from known_browsers k
         join users u on u.id = k.user_id and u.blocked_at is null
         join identifiers i on i.user_id = k.user_id and i.type = k.identifier_type
                           and i.value = k.identifier_value and i.verified_at is not null
        where k.browser = $1 order by k.last_used_at desc limit 10`,
      [browser],
    )
    return rows.map((row) => ({
      userId: row.user_id,
      name: row.name,
      identifier: {
        type: row.identifier_type,
        value: row.identifier_value,
        display: row.display,
      },
      method: row.method,
    }))
  },

  /** Of one person, the last used first. */
  async devices(userId: string, limit: number): Promise<Device[]> {
    return db.query<Device>(
      'users.browser.devices',
      `select browser, method, last_used_at as "lastUsedAt",
              json_build_object('type', identifier_type, 'value', identifier_value) as identifier
         from known_browsers where user_id = $1 order by last_used_at desc, browser limit $2`,
      [userId, limit],
    )
  },

  /** The method that was the last second step of this person in this browser. */
  async lastSecond(browser: Buffer, userId: string): Promise<string | null> {
    const [row] = await db.query<{ second_method: string | null }>(
      'users.browser.lastSecond',
      'select second_method from known_browsers where browser = $1 and user_id = $2',
      [browser, userId],
    )
    return row?.second_method ?? null
  },

  /** @returns false where the browser does not know the person */
  async forget(browser: Buffer, userId: string): Promise<boolean> {
    const rows = await db.query(
      'users.browser.forget',
      'delete from known_browsers where browser = $1 and user_id = $2 returning 1',
      [browser, userId],
    )
    return rows.length > 0
  },
})

export type Browsers = ReturnType<typeof browserRepository>
