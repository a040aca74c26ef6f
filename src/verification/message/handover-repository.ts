import type { Db } from '#src/db/contract.ts'
import {
  type Challenge,
  type ChallengeRow,
  columns,
  isOpen,
  numberTries,
  toChallenge,
} from './repository.ts'

const mayApprove = `${isOpen} and approved_at is null and denied_at is null`

/** Links in browsers that did not ask for them. */
export const handoverRepository = (db: Db) => ({
  /**
   * Counts the try and approves in one statement, so that of many guesses at once no more count than
   * there are tries.
   *
   * @returns null where the link takes no number any more
   */
  async guess(
    id: string,
    right: boolean,
  ): Promise<{ approved: boolean; triesLeft: number } | null> {
    const [row] = await db.query<{ approved: boolean; tries_left: number }>(
      'handovers.guess',
      `update challenges set number_tries = number_tries + 1,
              approved_at = case when $2 then now() end
        where id = $1 and ${mayApprove} and number_tries < ${numberTries}
        returning approved_at is not null as approved, ${numberTries} - number_tries as tries_left`,
      [id, right],
    )
    return row ? { approved: row.approved, triesLeft: row.tries_left } : null
  },

  /** False where it was approved or denied before. */
  async deny(id: string): Promise<boolean> {
    const rows = await db.query(
      'handovers.deny',
      `update challenges set denied_at = now() where id = $1 and ${mayApprove} returning id`,
      [id],
    )
    return rows.length > 0
  },

  /** The link of a sign-in that something was done with last. */
  async latest(interactionUid: string): Promise<Challenge | null> {
    const [row] = await db.query<ChallengeRow>(
      'handovers.latest',
      `select ${columns} from challenges
        where interaction_uid = $1 and link is not null and replaced_at is null
        order by greatest(created_at, approved_at, denied_at, carried_at) desc limit 1`,
      [interactionUid],
    )
    return row ? toChallenge(row) : null
  },

  /** Spends what was approved; null for everyone but the first. */
  async spendApproved(id: string): Promise<Challenge | null> {
    const [row] = await db.query<ChallengeRow>(
      'handovers.spendApproved',
      `update challenges set consumed_at = now()
        where id = $1 and approved_at is not null and ${isOpen} returning ${columns}`,
      [id],
    )
    return row ? toChallenge(row) : null
  },

  /**
   * Counts the try, and with the right code spends the message for another browser, which can take the
   * proof up once.
   *
   * @returns null where it is spent or has had its tries
   */
  async carry(
    id: string,
    codes: readonly Buffer[],
    browser: Buffer,
  ): Promise<{ right: boolean; triesLeft: number } | null> {
    const [row] = await db.query<{ won: boolean; tries_left: number }>(
      'handovers.carry',
      `update challenges set tries = tries + 1,
              consumed_at = case when code = any($2) then now() end,
              carried_at = case when code = any($2) then now() end,
              carried_to = case when code = any($2) then $3::bytea end
        where id = $1 and ${isOpen} and tries < max_tries
        returning consumed_at is not null as won, max_tries - tries as tries_left`,
      [id, codes, browser],
    )
    return row ? { right: row.won, triesLeft: row.tries_left } : null
  },

  /** Whether a browser has brought a proof for a client that it has not taken up. */
  async isCarried(browser: Buffer, clientId: string): Promise<boolean> {
    const rows = await db.query(
      'handovers.isCarried',
      `select 1 from challenges where ${carried}`,
      [browser, clientId],
    )
    return rows.length > 0
  },

  /** Takes a proof up; null for everyone but the first. */
  async takeCarried(
    browser: Buffer,
    clientId: string,
  ): Promise<{ challenge: Challenge; carriedMs: number } | null> {
    const [row] = await db.query<ChallengeRow & { carried_ms: number }>(
      'handovers.takeCarried',
      `update challenges set carried_to = null where ${carried}
       returning ${columns}, (extract(epoch from now() - carried_at) * 1000)::int as carried_ms`,
      [browser, clientId],
    )
    return row ? { challenge: toChallenge(row), carriedMs: row.carried_ms } : null
  },
})

/** The way through the application is short. */
const carried = `carried_to = $1 and carried_at > now() - interval '5 minutes'
  and exists (select 1 from sign_ins
               where uid = challenges.interaction_uid and client_id = $2)`
