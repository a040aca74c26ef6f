import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '#src/db/contract.ts'

/** A message waits for 5 s for whoever queued it, and is looked for every 2 s. */
const patienceMs = 15_000

/** Sign-ins of a person that the audit log and the proofs behind them bear witness to. */
const witnessed = `
  select a.user_id, count(distinct a.interaction_uid) as sign_ins
    from audit_events a
    join verifications v on v.interaction_uid = a.interaction_uid
    join identifiers i on i.user_id = a.user_id and i.value = v.identifier_value
     and i.verified_at is not null
    join challenges c on c.interaction_uid = a.interaction_uid and c.consumed_at is not null
     and c.identifier_value = v.identifier_value
   where a.event = 'sign_in.completed'
   group by a.user_id`

/** Messages that the servers before have left, and that this one has had time enough to find. */
async function stillWaiting(db: Db) {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const waiting = await db.query(
      'test.waiting_deliveries',
      `select id from deliveries where state = 'queued'`,
    )
    if (waiting.length === 0 || Date.now() > deadline) return waiting
    await sleep(200)
  }
}

/** Asserts that nobody is in who has not proven who they are, and that nothing is left half done. */
export async function assertNobodyIsInUnearned(db: Db, accounts: ReadonlyMap<string, string>) {
  const unearned = await db.query(
    'test.unearned_sessions',
    `with witnessed as (${witnessed})
     select s.account_id, count(*) as sessions, max(w.sign_ins) as sign_ins
       from oidc_sessions s left join witnessed w on w.user_id = s.account_id
      where s.account_id is not null
      group by s.account_id having count(*) > coalesce(max(w.sign_ins), 0)`,
  )
  assert.deepEqual(unearned, [], 'every session comes from a sign-in of its own')

  const orphans = await db.query(
    'test.unearned_tokens',
    `with witnessed as (${witnessed})
     select t.kind, t.account_id from oidc_tokens t
      where t.account_id is not null
        and not exists (select from witnessed w where w.user_id = t.account_id)`,
  )
  assert.deepEqual(orphans, [], 'every token comes from a sign-in')

  const people = await db.query<{ user_id: string; value: string }>(
    'test.people',
    'select user_id, value from identifiers where verified_at is not null order by value',
  )
  assert.deepEqual(
    people.map(({ value, user_id }) => [value, user_id]),
    [...accounts].sort(),
    'there is one account for each who signed in, and none for who did not',
  )
  assert.deepEqual(await stillWaiting(db), [], 'what was waiting was sent')
  const erased = await db.query(
    'test.bodies',
    `select state from deliveries where body is not null and state not in ('queued', 'sending')`,
  )
  assert.deepEqual(erased, [], 'what is over is erased')
}
