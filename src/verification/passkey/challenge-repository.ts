import type { Db } from '#src/db/contract.ts'

/** Answered is a sign-in, or a registration. */
export type Purpose = 'get' | 'create'

/** What the answer has to show of the person: verified; at least present; nothing at all. */
export type Demand = 'verified' | 'present' | 'nothing'

export interface Challenge {
  demand: Demand
  /** The one person who may answer it; null: anybody. */
  userId: string | null
}

/** Enough for as many tabs as anybody has of one sign-in. */
const openAtOnce = 8

/** Keeps a challenge; of those of one subject, the oldest make room. */
export async function openChallenge(
  db: Db,
  challenge: Challenge & { bytes: Buffer; subject: string; purpose: Purpose; ttlSeconds: number },
): Promise<void> {
  const { bytes, subject, purpose, demand, userId, ttlSeconds } = challenge
  await db.query(
    'passkey_challenges.open',
    `with room as (
       delete from passkey_challenges where challenge in (
         select challenge from passkey_challenges where subject = $2
          order by expires_at desc offset ${openAtOnce - 1})
     )
     insert into passkey_challenges (challenge, subject, purpose, demand, user_id, expires_at)
     values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
    [bytes, subject, purpose, demand, userId, ttlSeconds],
  )
}

/** Spends a challenge: one statement decides, and gives null to everyone but the first. */
export async function spendChallenge(
  db: Db,
  challenge: Buffer,
  subject: string,
  purpose: Purpose,
): Promise<Challenge | null> {
  const [row] = await db.query<Challenge>(
    'passkey_challenges.spend',
    `delete from passkey_challenges
      where challenge = $1 and subject = $2 and purpose = $3 and expires_at > now()
      returning demand, user_id as "userId"`,
    [challenge, subject, purpose],
  )
  return row ?? null
}

export async function sweepChallenges(db: Db): Promise<void> {
  await db.query(
    'passkey_challenges.sweep',
    `delete from passkey_challenges where challenge in (
       select challenge from passkey_challenges where expires_at < now() limit 1000)`,
  )
}
