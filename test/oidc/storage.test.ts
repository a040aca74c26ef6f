import assert from 'node:assert/strict'
import { errors } from 'oidc-provider'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import { sweepExpired } from '#src/oidc/cleanup-repository.ts'
import { signingKeys } from '#src/oidc/keys.ts'
import { personAccess } from '#src/oidc/person-access-repository.ts'
import { storage } from '#src/oidc/storage/adapter.ts'
import { interactionRepository, replayRepository } from '#src/oidc/storage/request-repository.ts'
import {
  beginSession,
  continueSession,
  sessionRepository,
} from '#src/oidc/storage/session-repository.ts'
import {
  grantRepository,
  issueToken,
  keepGrant,
  spendToken,
} from '#src/oidc/storage/token-repository.ts'
import { carryOut, type Write } from '#src/oidc/storage/unit-repository.ts'
import { testOnBoth } from '../support/database.ts'
import { race } from '../support/race.ts'

const keys = keyring(['a-secret-for-tests-only-a-secret-for-tests-only'], 'oidc')
const grant = { accountId: 'anna', clientId: 'shop' }
const token = { ...grant, grantId: 'grant-1' }
const adapters = (db: Db) => storage({ db, keys })
/** Does these writes in one statement. */
const does = (db: Db, ...writes: Write[]) =>
  carryOut(db, new Map(writes.map((write, at) => [String(at), write])))

testOnBoth(
  'of a hundred who spend one code, refresh token or device code at once, one succeeds',
  async (_t, db) => {
    const adapter = adapters(db)
    await does(db, keepGrant('grant-1', grant, 600))
    for (const kind of ['AuthorizationCode', 'RefreshToken', 'DeviceCode']) {
      const model = adapter(kind)
      await model.upsert(kind, { ...token, userCode: 'ABCD' }, 60)
      const { won, lost } = await race(100, () => Promise.resolve(model.consume(kind)))
      assert.equal(won.length, 1, kind)
      assert.ok(lost.every((error) => error instanceof errors.InvalidGrant))
    }
    const pushed = adapter('PushedAuthorizationRequest')
    await pushed.upsert('request', { request: 'x' }, 60)
    const { won, lost } = await race(100, () => Promise.resolve(pushed.consume('request')))
    assert.equal(won.length, 1)
    assert.ok(lost.every((error) => error instanceof errors.InvalidRequestUri))
  },
)

testOnBoth('of two people who confirm the code of one device, one does', async (_t, db) => {
  const model = adapters(db)('DeviceCode')
  const asked = { clientId: 'tv', userCode: 'ABCD' }
  await model.upsert('device', asked, 60)
  const { won, lost } = await race(20, async (n) => {
    const accountId = n % 2 ? 'anna' : 'ben'
    await model.upsert('device', { ...asked, accountId, grantId: `grant of ${accountId}` }, 60)
    return accountId
  })
  assert.equal(new Set(won).size, 1, 'the same person may say so twice')
  assert.equal((await model.find('device'))?.accountId, won[0])
  assert.ok(lost.length > 0 && lost.every((error) => error instanceof errors.InvalidGrant))
})

testOnBoth('of a hundred who show one proof at once, one is the first', async (_t, db) => {
  const replays = replayRepository(db)
  const { won } = await race(100, () => replays.first('proof', 60))
  assert.equal(won.filter(Boolean).length, 1)
  assert.equal(await replays.first('another', 60), true)
  await db.query('test.expire', `update oidc_replays set expires_at = now() - interval '1 second'`)
  assert.equal(await replays.first('proof', 60), true)
})

testOnBoth(
  'what is spent counts as stolen when it comes again ten seconds later',
  async (_t, db) => {
    const model = adapters(db)('RefreshToken')
    await does(db, keepGrant('grant-1', grant, 600))
    await model.upsert('one', { ...token, scope: 'openid' }, 60)
    await model.consume('one')
    assert.equal((await model.find('one'))?.consumed, undefined)
    await db.query(
      'test.later',
      `update oidc_tokens set consumed_at = now() - interval '11 seconds'`,
    )
    assert.equal((await model.find('one'))?.consumed, true)
    assert.equal((await model.find('one'))?.scope, 'openid')
  },
)

testOnBoth('no token is issued under a grant that was revoked meanwhile', async (_t, db) => {
  const model = adapters(db)('AccessToken')
  const grants = grantRepository(db)
  await does(db, keepGrant('grant-1', grant, 600))
  await model.upsert('before', token, 60)
  await grants.revoke('grant-1')
  assert.equal(await model.find('before'), undefined)
  await assert.rejects(Promise.resolve(model.upsert('after', token, 60)), errors.InvalidGrant)
})

testOnBoth(
  'what is issued for a code is there with the code spent, and for the first alone',
  async (_t, db) => {
    const adapter = adapters(db)
    await does(db, keepGrant('grant-1', grant, 600))
    await adapter('AuthorizationCode').upsert('code', token, 60)
    const { won, lost } = await race(100, (n) =>
      does(
        db,
        issueToken('AccessToken', `access ${n}`, token, 60, false),
        issueToken('RefreshToken', `refresh ${n}`, token, 60, false),
        spendToken('AuthorizationCode', 'code'),
      ),
    )
    assert.equal(won.length, 1)
    assert.ok(lost.every((error) => error instanceof errors.InvalidGrant))
    const issued = await db.query('test.issued', `select kind from oidc_tokens order by kind`)
    assert.deepEqual(
      issued.map(({ kind }) => kind),
      ['AccessToken', 'AuthorizationCode', 'RefreshToken'],
    )
  },
)

/** Nothing was proven anew. */
const returning = { factors: null, agent: null, address: null }

testOnBoth('a code is issued together with the grant that it is for', async (_t, db) => {
  const code = { ...grant, grantId: 'grant-1' }
  await does(
    db,
    keepGrant('grant-1', grant, 60),
    issueToken('AuthorizationCode', 'code', code, 60, true),
    beginSession('cookie', { uid: 'session', accountId: 'anna' }, returning, 60),
  )
  const found = await adapters(db)('AuthorizationCode').find('code')
  assert.equal(found?.grantId, 'grant-1')
  assert.equal((await sessionRepository(db).find('cookie'))?.payload.uid, 'session')
})

testOnBoth(
  'a token that has run out is not found, and one kind is never found as another',
  async (_t, db) => {
    const adapter = adapters(db)
    await adapter('ClientCredentials').upsert('one', { clientId: 'shop' }, 60)
    assert.ok(await adapter('ClientCredentials').find('one'))
    assert.equal(await adapter('AccessToken').find('one'), undefined)
    await db.query('test.expireTokens', 'update oidc_tokens set expires_at = now()')
    assert.equal(await adapter('ClientCredentials').find('one'), undefined)
  },
)

testOnBoth(
  'requests that update one session at once add up, and what one signs out stays out',
  async (_t, db) => {
    const sessions = sessionRepository(db)
    const session = { uid: 'session', accountId: 'anna' }
    const knows = (...clients: string[]) => ({
      ...session,
      authorizations: Object.fromEntries(clients.map((one) => [one, { sid: one }])),
    })
    await does(db, beginSession('cookie', knows('shop'), { ...returning, factors: '["sms"]' }, 60))
    await Promise.all(
      ['forum', 'wiki', 'mail'].map((one) =>
        does(db, continueSession('cookie', knows('shop', one), [], returning, 60)),
      ),
    )
    await does(db, continueSession('cookie', knows('forum'), ['shop'], returning, 60))
    const found = await sessions.find('cookie')
    assert.deepEqual(Object.keys(found!.payload.authorizations as object).sort(), [
      'forum',
      'mail',
      'wiki',
    ])
    assert.equal(found!.factors, '["sms"]')
  },
)

testOnBoth('a session that has ended is not brought back by an update', async (_t, db) => {
  const sessions = sessionRepository(db)
  const session = { uid: 'session', accountId: 'anna' }
  await does(db, beginSession('cookie', session, returning, 60))
  await sessions.destroyByUid('session')
  await assert.rejects(
    does(db, continueSession('cookie', session, [], returning, 60)),
    errors.SessionNotFound,
  )
  assert.equal(await sessions.find('cookie'), null)
  assert.equal(await sessions.findByUid('session'), null)
})

testOnBoth(
  'ending all sessions of a person but one keeps what that one has given out',
  async (_t, db) => {
    const sessions = sessionRepository(db)
    const grants = grantRepository(db)
    const tokens = adapters(db)('RefreshToken')
    const begin = async (uid: string, accountId: string) => {
      const grantId = `grant of ${uid}`
      await does(db, keepGrant(grantId, { ...grant, accountId }, 60))
      await tokens.upsert(`token of ${uid}`, { ...grant, accountId, grantId }, 60)
      const session = { uid, accountId, authorizations: { shop: { grantId } } }
      await does(db, beginSession(`cookie of ${uid}`, session, returning, 60))
    }
    await begin('here', 'anna')
    await begin('there', 'anna')
    await begin('elsewhere', 'ben')
    await personAccess(db).endAll('anna', 'here')
    for (const [uid, lives] of [
      ['here', true],
      ['there', false],
      ['elsewhere', true],
    ] as const) {
      assert.equal((await sessions.findByUid(uid)) !== null, lives, uid)
      assert.equal((await tokens.find(`token of ${uid}`)) !== undefined, lives, uid)
      assert.equal((await grants.find(`grant of ${uid}`)) !== null, lives, uid)
    }
    await personAccess(db).endAll('anna', null)
    assert.equal(await sessions.findByUid('here'), null)
  },
)

testOnBoth(
  'a sign-in that has ended can be started again for a day, and is swept away then',
  async (_t, db) => {
    const requests = interactionRepository(db, keys)
    await requests.upsert('one', { params: { client_id: 'shop' } }, 60)
    assert.equal(await requests.end('one'), true)
    assert.equal(await requests.end('one'), false)
    assert.equal(await requests.find('one'), null)
    assert.deepEqual((await requests.findEnded('one'))?.params, { client_id: 'shop' })
    const age = (hours: number) =>
      db.query(
        'test.age',
        'update oidc_interactions set expires_at = now() - make_interval(hours => $1)',
        [hours],
      )
    await age(23)
    await sweepExpired(db)
    assert.ok(await requests.findEnded('one'))
    await age(25)
    await sweepExpired(db)
    assert.equal(await requests.findEnded('one'), null)
  },
)

testOnBoth(
  'processes that start at once make one set of keys, and a newer secret seals them again',
  async (_t, db) => {
    const before = keyring(['secret of last year'], 'oidc')
    const started = await Promise.all([1, 2, 3].map(() => signingKeys(db, before)))
    const names = (all: { kid?: string | undefined }[]) => all.map(({ kid }) => kid).sort()
    for (const each of started) assert.deepEqual(names(each), names(started[0]!))
    const both = keyring(['secret of this year', 'secret of last year'], 'oidc')
    assert.deepEqual(names(await signingKeys(db, both)), names(started[0]!))
    const after = keyring(['secret of this year'], 'oidc')
    assert.deepEqual(names(await signingKeys(db, after)), names(started[0]!))
    await assert.rejects(signingKeys(db, before), /SECRET_KEYS/)
  },
)
