import assert from 'node:assert/strict'
import type { Db } from '#src/db/contract.ts'
import { openDatabase } from '#src/db/index.ts'
import { keyring } from '#src/lib/crypto.ts'
import { storage } from '#src/oidc/storage/adapter.ts'
import {
  beginSession,
  continueSession,
  sessionRepository,
} from '#src/oidc/storage/session-repository.ts'
import { keepGrant } from '#src/oidc/storage/token-repository.ts'
import { carryOut, type Write } from '#src/oidc/storage/unit-repository.ts'
import { testOnBoth } from '../support/database.ts'
import { race } from '../support/race.ts'

const keys = keyring(['a-secret-for-tests-only-a-secret-for-tests-only'], 'oidc')
const grant = { accountId: 'anna', clientId: 'shop' }
const returning = { factors: null, agent: null, address: null }
const adapters = (db: Db) => storage({ db, keys })
const does = (db: Db, write: Write) => carryOut(db, new Map([['one', write]]))

testOnBoth(
  'however many sessions of one person begin at the same moment, twenty are left',
  async (t, db) => {
    const other = db.url ? await openDatabase({ url: db.url, folder: '' }) : db
    if (other !== db) t.after(other.close)
    const begin = async (n: number) => {
      const grantId = `grant ${n}`
      const session = { uid: `${n}`, accountId: 'anna', authorizations: { shop: { grantId } } }
      const process = n % 2 ? db : other
      await does(process, keepGrant(grantId, grant, 60))
      await adapters(process)('RefreshToken').upsert(`token ${n}`, { ...grant, grantId }, 60)
      // Half of them were somebody's browser before it was known whose.
      if (n % 4 < 2) {
        const { accountId: _, ...nobody } = session
        await does(process, beginSession(`cookie ${n}`, nobody, returning, 60))
        await does(process, continueSession(`cookie ${n}`, session, [], returning, 60))
      } else {
        await does(process, beginSession(`cookie ${n}`, session, returning, 60))
      }
    }
    await does(db, beginSession('elsewhere', { uid: 'ben', accountId: 'ben' }, returning, 60))
    const { lost } = await race(100, begin)
    assert.deepEqual(lost, [])
    const counts = await db.query(
      'test.counts',
      `select (select count(*)::int from oidc_sessions where account_id = 'anna') as sessions,
              (select count(*)::int from oidc_sessions where account_id = 'ben') as others,
              (select count(*)::int from oidc_grants) as grants,
              (select count(*)::int from oidc_tokens) as tokens`,
    )
    assert.deepEqual(counts, [{ sessions: 20, others: 1, grants: 20, tokens: 20 }])

    await db.query(
      'test.old',
      `update oidc_sessions set started_at = null where uid = (
      select min(uid) from oidc_sessions where account_id = 'anna')`,
    )
    const [oldest] = await db.query<{ uid: string }>(
      'test.oldest',
      'select uid from oidc_sessions where started_at is null',
    )
    await begin(1000)
    assert.equal(await sessionRepository(db).findByUid(oldest!.uid), null, 'the oldest has ended')
    assert.ok(await sessionRepository(db).findByUid('1000'))
  },
)
