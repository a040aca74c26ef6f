import type { Channel } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { Identifier, IdentifierType } from '#src/users/contract.ts'
import type { Handover } from '../contract.ts'

export interface NewChallenge {
  id: string
  interactionUid: string
  channel: Channel
  identifier: Identifier
  code: Buffer
  link: Buffer | null
  maxTries: number
  ttlSeconds: number
}

export interface ChallengeRow {
  id: string
  interaction_uid: string
  channel: Channel
  identifier_type: IdentifierType
  identifier_value: string
  state: ChallengeState
  handover: Handover | null
  tries_left: number
  age_ms: number
}

/** How often the number of the first browser may be guessed in another one. */
export const numberTries = 3

export type ChallengeState = 'open' | 'used' | 'expired' | 'replaced' | 'exhausted'

export interface Challenge {
  id: string
  interactionUid: string
  channel: Channel
  identifier: Identifier
  state: ChallengeState
  handover: Handover | null
  triesLeft: number
  /** Since it was asked for. */
  ageMs: number
}

export type Answer =
  | { right: true; challenge: Challenge }
  | { right: false; challenge: Challenge | null }

/** As rows of {@link ChallengeRow}. */
export const columns = `id, interaction_uid, channel, identifier_type, identifier_value,
  case when consumed_at is not null then 'used'
       when replaced_at is not null then 'replaced'
       when expires_at <= now() then 'expired'
       when tries >= max_tries then 'exhausted'
       else 'open' end as state,
  case when carried_at is not null then 'elsewhere'
       when approved_at is not null then 'approved'
       when denied_at is not null then 'denied'
       when number_tries >= ${numberTries} then 'exhausted' end as handover,
  max_tries - tries as tries_left,
  (extract(epoch from now() - created_at) * 1000)::int as age_ms`

/** Neither spent, replaced nor expired. */
export const isOpen = 'consumed_at is null and replaced_at is null and expires_at > now()'

const toIdentifier = (
  row: Pick<ChallengeRow, 'identifier_type' | 'identifier_value'>,
): Identifier => ({
  type: row.identifier_type,
  value: row.identifier_value,
  display: row.identifier_value,
})

export const toChallenge = (row: ChallengeRow): Challenge => ({
  id: row.id,
  interactionUid: row.interaction_uid,
  channel: row.channel,
  identifier: toIdentifier(row),
  state: row.state,
  handover: row.handover,
  triesLeft: row.tries_left,
  ageMs: row.age_ms,
})

/** One-time secrets that have been sent to someone. Only their keyed hashes are ever stored. */
export const challengeRepository = (db: Db) => ({
  /** The newest message of a channel is the only one that works: it replaces any other. */
  async open(challenge: NewChallenge): Promise<void> {
    await db.query(
      'challenges.open',
      `with replaced as (
         update challenges set replaced_at = now()
          where interaction_uid = $2 and channel = $3 and replaced_at is null returning 1
       ), before as (select count(*) from replaced)
       insert into challenges (id, interaction_uid, channel, identifier_type, identifier_value,
                               code, link, max_tries, expires_at)
       select $1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9) from before`,
      [
        challenge.id,
        challenge.interactionUid,
        challenge.channel,
        challenge.identifier.type,
        challenge.identifier.value,
        challenge.code,
        challenge.link,
        challenge.maxTries,
        challenge.ttlSeconds,
      ],
    )
  },

  /**
   * Counts the try and spends the challenge in one statement, so that of those who bring the right
   * code at the same moment one wins, and no guess goes uncounted. What was sent to one identifier
   * never answers for another, whatever the sign-in has come to be about meanwhile.
   */
  async answer(
    interactionUid: string,
    channel: Channel,
    { type, value }: Identifier,
    codes: readonly Buffer[],
  ): Promise<Answer> {
    const [row] = await db.query<ChallengeRow & { won: boolean }>(
      'challenges.answer',
      `update challenges set tries = tries + 1,
              consumed_at = case when code = any($5) then now() end
        where interaction_uid = $1 and channel = $2 and identifier_type = $3
          and identifier_value = $4 and ${isOpen} and tries < max_tries
        returning ${columns}, consumed_at is not null as won`,
      [interactionUid, channel, type, value, codes],
    )
    if (row?.won) return { right: true, challenge: toChallenge(row) }
    return {
      right: false,
      challenge: row ? toChallenge(row) : await this.newest(interactionUid, channel, value),
    }
  },

  /** The message that a code would answer, to say why it can not. */
  async newest(
    interactionUid: string,
    channel: Channel,
    identifier: string,
  ): Promise<Challenge | null> {
    const [row] = await db.query<ChallengeRow>(
      'challenges.newest',
      `select ${columns} from challenges
        where interaction_uid = $1 and channel = $2 and identifier_value = $3
          and replaced_at is null`,
      [interactionUid, channel, identifier],
    )
    return row ? toChallenge(row) : null
  },

  async find(id: string): Promise<Challenge | null> {
    const [row] = await db.query<ChallengeRow>(
      'challenges.find',
      `select ${columns} from challenges where id = $1`,
      [id],
    )
    return row ? toChallenge(row) : null
  },

  async findByLink(links: readonly Buffer[]): Promise<Challenge | null> {
    const [row] = await db.query<ChallengeRow>(
      'challenges.findByLink',
      `select ${columns} from challenges where link = any($1)`,
      [links],
    )
    return row ? toChallenge(row) : null
  },

  /** Spends a link; null for everyone but the first. */
  async spendLink(links: readonly Buffer[]): Promise<Challenge | null> {
    const [row] = await db.query<ChallengeRow>(
      'challenges.spendLink',
      `update challenges set consumed_at = now()
        where link = any($1) and ${isOpen} returning ${columns}`,
      [links],
    )
    return row ? toChallenge(row) : null
  },

  async sweep(): Promise<void> {
    await db.query(
      'challenges.sweep',
      `delete from challenges where id in (
         select id from challenges where expires_at < now() - interval '1 day' limit 1000)`,
    )
  },
})
