import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import { countryOf } from '#src/messaging/index.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { MethodId, Verification } from '#src/verification/contract.ts'
import { type SignInRow, toIdentifier, toVerification } from './rows.ts'
import type { Intent, Mark, Pending, SignIn } from './sign-in.ts'

const resendAfter = `greatest(ceil(extract(epoch from coalesce(resend_at, now()) - now())), 0)::int
  as resend_after`

/** How long a sign-in may take; equal to the interaction of oidc-provider. */
const ttl = `interval '30 minutes'`

/** Where a request came from, for the audit log. */
export interface Origin {
  address: string | null
  reference: string | null
}

const started = (address: string, reference: string) => `noted as (
  insert into audit_events (event, interaction_uid, client_id, user_id, address, reference)
  select 'sign_in.started', uid, client_id, user_id, ${address}, ${reference} from begun)`

/** The row is locked first, so that a proof is either seen and removed, or comes too late. */
const identifyAnew = async (tx: Db, values: readonly unknown[]): Promise<SignInRow> => {
  const [row] = await tx.query<SignInRow>(
    'interaction.identifyAnew',
    `update sign_ins set browser = $2, intent = $3, identifier_type = $4, identifier_value = $5,
            identifier_display = $6, decoy = $7, locale = $8, agent = $9, done = $10, known = $11,
            resend_at = null, method = null, user_id = null, delivery_id = null, pending = null
      where uid = $1 returning *, ${resendAfter}`,
    values,
  )
  if (!row) throw new Problem('interaction_expired')
  await tx.query('interaction.disprove', 'delete from verifications where interaction_uid = $1', [
    row.uid,
  ])
  return row
}

/** What is known of one sign-in, and what has been proven in it. */
export const signInRepository = (db: Db, keys: Keyring) => {
  const contextOf = (uid: string) => `sign_ins/${uid}`
  const openPending = (uid: string, sealed: Buffer): Pending =>
    JSON.parse(keys.open(sealed, contextOf(uid)))
  const toSignIn = (row: SignInRow): SignIn => ({
    uid: row.uid,
    clientId: row.client_id,
    browser: row.browser,
    intent: row.intent,
    identifier: toIdentifier(row),
    method: row.method,
    userId: row.user_id,
    known: row.known,
    decoy: row.decoy,
    locale: row.locale,
    pending: row.pending ? openPending(row.uid, row.pending) : {},
    deliveryId: row.delivery_id,
    resendAfterSeconds: row.resend_after,
    agent: row.agent,
    startedAt: row.created_at,
    done: row.done,
    verifications: row.verifications.map(toVerification),
  })

  return {
    async find(uid: string): Promise<SignIn | null> {
      const [row] = await db.query<SignInRow>(
        'interaction.find',
        `select s.*, ${resendAfter}, coalesce((select json_agg(v order by v.at) from verifications v
                                where v.interaction_uid = s.uid), '[]') as verifications
           from sign_ins s where s.uid = $1 and s.expires_at > now()`,
        [uid],
      )
      return row ? toSignIn(row) : null
    },

    /**
     * Begins, or begins anew with another identifier: what was proven before does not count for it,
     * nor what is being proven at this very moment, which waits for the row and is refused.
     */
    async identify(
      uid: string,
      browser: Buffer,
      given: {
        intent: Intent
        identifier: Identifier
        known: boolean
        decoy: boolean
        locale: string
        agent: string | null
        done: readonly Mark[]
        clientId: string
      },
      { address, reference }: Origin,
    ): Promise<SignIn> {
      const { identifier } = given
      const values = [
        uid,
        browser,
        given.intent,
        identifier.type,
        identifier.value,
        identifier.display,
        given.decoy,
        given.locale,
        given.agent,
        given.done,
        given.known,
      ]
      const [first] = await db.query<SignInRow>(
        'interaction.identify',
        `with begun as (
           insert into sign_ins (uid, browser, intent, identifier_type, identifier_value,
               identifier_display, decoy, locale, agent, done, known, client_id, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now() + ${ttl})
           on conflict (uid) do nothing returning *
         ), ${started('$13', '$14')}
         select *, ${resendAfter} from begun`,
        [...values, given.clientId, address, reference],
      )
      const row = first ?? (await db.transaction((tx) => identifyAnew(tx, values)))
      return toSignIn({ ...row, verifications: [] })
    },

    /** A sign-in that starts from somebody who is signed in already. */
    async adopt(
      uid: string,
      browser: Buffer,
      given: { userId: string; identifier: Identifier; locale: string; clientId: string },
      { address, reference }: Origin,
    ): Promise<void> {
      const { identifier } = given
      await db.query(
        'interaction.adopt',
        `with begun as (
           insert into sign_ins (uid, browser, intent, identifier_type, identifier_value,
               identifier_display, user_id, locale, client_id, expires_at)
           values ($1, $2, 'sign-in', $3, $4, $5, $6, $7, $8, now() + ${ttl})
           on conflict (uid) do nothing returning *
         ), ${started('$9', '$10')}
         select 1`,
        [
          uid,
          browser,
          identifier.type,
          identifier.value,
          identifier.display,
          given.userId,
          given.locale,
          given.clientId,
          address,
          reference,
        ],
      )
    },

    /** Which method's page is shown now, and which message belongs to it. */
    async choose(
      uid: string,
      method: MethodId,
      message: { deliveryId: string | null; resendAfterSeconds: number } | null,
      tx = db,
    ): Promise<void> {
      await tx.query(
        'interaction.choose',
        `update sign_ins set method = $2, delivery_id = $3,
                resend_at = now() + make_interval(secs => $4) where uid = $1`,
        [uid, method, message?.deliveryId ?? null, message?.resendAfterSeconds ?? 0],
      )
    },

    /**
     * Remembers a proof, and whose it turned out to be; gives the sign-in as it is now.
     *
     * @throws Problem `method_not_available` if it has come to be about somebody else meanwhile
     */
    async verified(
      {
        uid,
        identifier: about,
        verifications,
      }: Pick<SignIn, 'uid' | 'identifier' | 'verifications'>,
      verification: Verification,
      userId: string | null,
      { address, reference }: Origin,
    ): Promise<SignIn> {
      const { method, kind, channel, identifier, amr, at, message = null } = verification
      const [row] = await db.query<SignInRow>(
        'interaction.verified',
        `with current as (
           update sign_ins set user_id = coalesce($8, user_id)
            where uid = $1 and identifier_type is not distinct from $11
              and identifier_value is not distinct from $12 and (user_id is null or user_id = $8)
           returning *
         ), proven as (
           insert into verifications (interaction_uid, method, kind, channel, identifier_type,
               identifier_value, identifier_display, user_id, amr, at)
           select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 from current
           on conflict (interaction_uid, method) do update set at = excluded.at, kind = excluded.kind, amr = excluded.amr,
             identifier_type = excluded.identifier_type,
             identifier_value = excluded.identifier_value, user_id = excluded.user_id
         ), noted as (
           insert into audit_events (event, interaction_uid, client_id, user_id, method, channel,
               country, connector, target, detail, address, reference)
           select 'verification.succeeded', uid, client_id, $8, $2, $4, $13,
                  (select connector_id from deliveries where id = $14), $14, $15, $16, $17
             from current
         )
         select *, ${resendAfter} from current`,
        [
          uid,
          method,
          kind,
          channel,
          identifier?.type ?? null,
          identifier?.value ?? null,
          identifier?.display ?? null,
          userId,
          amr,
          at,
          about?.type ?? null,
          about?.value ?? null,
          identifier?.type === 'phone' ? countryOf(identifier.value) : null,
          message?.id ?? null,
          message ? JSON.stringify({ tookMs: message.ageMs }) : null,
          address,
          reference,
        ],
      )
      if (!row) throw new Problem('method_not_available')
      const others = verifications.filter((one) => one.method !== method)
      return {
        ...toSignIn({ ...row, verifications: [] }),
        verifications: [...others, { ...verification, userId }],
      }
    },

    async belongsTo(uid: string, userId: string): Promise<void> {
      await db.query('interaction.belongsTo', 'update sign_ins set user_id = $2 where uid = $1', [
        uid,
        userId,
      ])
    },

    async mark(uid: string, mark: Mark): Promise<void> {
      await db.query(
        'interaction.mark',
        `update sign_ins set done = array_append(done, $2) where uid = $1 and not ($2 = any(done))`,
        [uid, mark],
      )
    },

    /** Keeps it unless something is kept already, and returns what is kept now. */
    async keepPending(uid: string, pending: Pending): Promise<Pending> {
      const [row] = await db.query<{ pending: Buffer }>(
        'interaction.pending',
        'update sign_ins set pending = coalesce(pending, $2) where uid = $1 returning pending',
        [uid, keys.seal(JSON.stringify(pending), contextOf(uid))],
      )
      return row ? openPending(uid, row.pending) : {}
    },

    async forgetPending(uid: string): Promise<void> {
      await db.query('interaction.forget', 'update sign_ins set pending = null where uid = $1', [
        uid,
      ])
    },

    async sweep(): Promise<void> {
      await db.query(
        'interaction.sweep',
        `with gone as (
           delete from sign_ins where uid in (
             select uid from sign_ins where expires_at < now() - interval '1 day' limit 1000)
           returning uid
         )
         delete from verifications where interaction_uid in (select uid from gone)`,
      )
    },
  }
}

export type SignIns = ReturnType<typeof signInRepository>
