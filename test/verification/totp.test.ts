import assert from 'node:assert/strict'

import type { Db } from '#src/db/contract.ts'
import { keyring, openOrNull } from '#src/lib/crypto.ts'
import type { Who } from '#src/verification/contract.ts'
import { fromBase32 } from '#src/verification/totp/base32.ts'
import { codeOf, stepAt } from '#src/verification/totp/code.ts'
import { totpMethod } from '#src/verification/totp/index.ts'
import { type TestDatabase, testOnBoth } from '../support/database.ts'

const asking = (userId: string | null = 'jane'): Who => ({
  interactionUid: 'i1',
  clientId: 'shop',
  applicationName: 'Shop',
  browser: 'b1',
  identifier: null,
  userId,
  usageType: 'SignIn',
  locale: 'en',
  decoy: false,
})

const names = { issuer: 'Acme', account: 'jane@shop.example' }

/** Jane has an app, and the first code of it is a while ago. */
const withApp = async (db: TestDatabase, secrets = ['new secret']) => {
  const clock = { now: new Date('2026-11-20T09:00:00Z') }
  const setUp = (secrets: string[]) =>
    totpMethod({ db, keys: keyring(secrets, 'totp'), now: () => clock.now })
  const method = setUp(secrets)
  await db.query('test.user', 'insert into users (id) values ($1)', ['jane'])
  const { secret } = method.begin(names)
  const code = (steps = 0) => codeOf(fromBase32(secret), stepAt(clock.now) + steps)
  await method.store(db, 'jane', { secret, step: method.confirm(secret, code()) })
  const enrolledWith = code()
  clock.now = new Date(clock.now.getTime() + 3_600_000)
  return { clock, setUp, method, secret, code, enrolledWith }
}

testOnBoth('a code of the app proves that someone has it', async (_t, db) => {
  const { method, code, clock } = await withApp(db)
  assert.deepEqual(await method.verify(asking(), code()), {
    method: 'totp',
    kind: 'possession',
    channel: null,
    identifier: null,
    userId: 'jane',
    amr: ['otp'],
    at: clock.now,
  })
})

testOnBoth('a code works once', async (_t, db) => {
  const { method, code } = await withApp(db)
  await method.verify(asking(), code())
  await assert.rejects(method.verify(asking(), code()), {
    code: 'code_already_used',
    field: 'code',
  })
  await method.verify(asking(), code(1))
})

testOnBoth('of 100 requests with one code at the same moment, one gets in', async (_t, db) => {
  const { method, code } = await withApp(db)
  const tries = Array.from({ length: 100 }, () => method.verify(asking(), code()))
  const results = await Promise.allSettled(tries)
  const refusals = results.filter((result) => result.status === 'rejected')
  assert.equal(refusals.length, 99)
  for (const { reason } of refusals) assert.equal(reason.code, 'code_already_used')
})

testOnBoth('an older code does not work after a newer one', async (_t, db) => {
  const { method, code } = await withApp(db)
  await method.verify(asking(), code())
  await assert.rejects(method.verify(asking(), code(-1)), { code: 'code_already_used' })
})

testOnBoth('the code that the app was added with does not sign in as well', async (_t, db) => {
  const { method, enrolledWith, clock } = await withApp(db)
  clock.now = new Date(clock.now.getTime() - 3_600_000)
  await assert.rejects(method.verify(asking(), enrolledWith), { code: 'code_already_used' })
})

testOnBoth('wrong, old and foreign codes are refused', async (_t, db) => {
  const { method, code } = await withApp(db)
  await db.query('test.user', 'insert into users (id) values ($1)', ['john'])
  const near = [-1, 0, 1].map((steps) => code(steps))
  const wrong = ['000000', '111111', '222222', '333333'].find((each) => !near.includes(each))!
  await assert.rejects(method.verify(asking(), wrong), { code: 'incorrect_code', field: 'code' })
  await assert.rejects(method.verify(asking(), code(-3)), { code: 'incorrect_code' })
  await assert.rejects(method.verify(asking('john'), code()), { code: 'incorrect_code' })
  await assert.rejects(method.verify(asking(null), code()), { code: 'incorrect_code' })
  await assert.rejects(method.verify(asking(), '12345'), { code: 'code_malformed' })
  await method.verify(asking(), code())
})

testOnBoth('an app is added only with a code of it', async (_t, db) => {
  const { method, clock } = await withApp(db)
  const { secret, uri } = method.begin(names)
  assert.match(secret, /^[A-Z2-7]{32}$/)
  assert.ok(uri.startsWith(`otpauth://totp/Acme:jane%40shop.example?secret=${secret}&`))
  assert.deepEqual(method.describe(names, secret), { secret, uri })
  const other = method.begin(names).secret
  assert.notEqual(other, secret)
  const code = codeOf(fromBase32(secret), stepAt(clock.now))
  assert.equal(method.confirm(secret, `${code.slice(0, 3)} ${code.slice(3)}`), stepAt(clock.now))
  assert.throws(() => method.confirm(secret, codeOf(fromBase32(secret), 1)), {
    code: 'incorrect_code',
  })
  assert.throws(() => method.confirm(secret, ''), { code: 'code_required' })
})

testOnBoth('a new app replaces the old one, and can be taken away', async (_t, db) => {
  const { method, code, clock } = await withApp(db)
  const { secret } = method.begin(names)
  const step = stepAt(clock.now)
  await method.store(db, 'jane', { secret, step })
  await assert.rejects(method.verify(asking(), code(1)), { code: 'incorrect_code' })
  await method.verify(asking(), codeOf(fromBase32(secret), step + 1))
  assert.equal(await method.has(db, 'jane'), true)
  await method.remove(db, 'jane')
  assert.equal(await method.has(db, 'jane'), false)
  await assert.rejects(method.verify(asking(), codeOf(fromBase32(secret), step + 1)), {
    code: 'incorrect_code',
  })
})

testOnBoth(
  'a code of an app that is being replaced does not spend one of the new app',
  async (_t, db) => {
    const { clock, code, method, secret } = await withApp(db)
    const fresh = method.begin(names).secret
    const step = stepAt(clock.now) - 1
    const meddling: Db = {
      ...db,
      async query(name, text, values) {
        if (name === 'totp_secrets.spend') await method.store(db, 'jane', { secret: fresh, step })
        return db.query(name, text, values)
      },
    }
    const slow = totpMethod({
      db: meddling,
      keys: keyring(['new secret'], 'totp'),
      now: () => clock.now,
    })
    assert.notEqual(fresh, secret)
    await assert.rejects(slow.verify(asking(), code()), { code: 'code_already_used' })
    await method.verify(asking(), codeOf(fromBase32(fresh), stepAt(clock.now)))
  },
)

testOnBoth('apps still work after a new secret of the server was put first', async (_t, db) => {
  const { setUp, code } = await withApp(db, ['old secret'])
  await setUp(['new secret', 'old secret']).verify(asking(), code())
})

testOnBoth('all secrets are sealed again, so that the old one may go', async (_t, db) => {
  const { setUp, code } = await withApp(db, ['old secret'])
  const old = keyring(['old secret'], 'totp')
  const others = Array.from({ length: 1200 }, (_, index) => `u${index}`)
  const sealed = others.map((id) => old.seal('A'.repeat(32), `totp_secrets/${id}`))
  // Of one nobody has the key any more.
  sealed[7] = keyring(['lost secret'], 'totp').seal('A'.repeat(32), 'totp_secrets/u7')
  await db.query('test.users', 'insert into users (id) select unnest($1::text[])', [others])
  await db.query(
    'test.apps',
    `insert into totp_secrets (user_id, sealed, last_step)
     select *, 0 from unnest($1::text[], $2::bytea[])`,
    [others, sealed],
  )
  const rotating = ['new secret', 'old secret']
  const processes = [setUp(rotating), setUp(rotating)]
  for (let time = 0; time < 3; time += 1) {
    await Promise.all(processes.map(({ sealAgain }) => sealAgain()))
  }
  const after = keyring(['new secret'], 'totp')
  const rows = await db.query<{ user_id: string; sealed: Buffer }>(
    'test.all',
    `select user_id, sealed from totp_secrets where user_id like 'u%'`,
  )
  const opened = rows.filter((row) => openOrNull(after, row.sealed, `totp_secrets/${row.user_id}`))
  assert.equal(opened.length, others.length - 1)
  await setUp(['new secret']).verify(asking(), code())
})

testOnBoth('a code is taken while its secret is sealed again', async (_t, db) => {
  const { clock, code, setUp } = await withApp(db, ['old secret'])
  const rotating = ['new secret', 'old secret']
  const meddling: Db = {
    ...db,
    async query(name, text, values) {
      if (name === 'totp_secrets.spend') await setUp(rotating).sealAgain()
      return db.query(name, text, values)
    },
  }
  const slow = totpMethod({
    db: meddling,
    keys: keyring(rotating, 'totp'),
    now: () => clock.now,
  })
  assert.equal((await slow.verify(asking(), code())).userId, 'jane')
  await assert.rejects(slow.verify(asking(), code()), { code: 'code_already_used' })
})

testOnBoth(
  'the secret of the app is not in the database, and a row is of no use to another person',
  async (_t, db) => {
    const { method, secret, code } = await withApp(db)
    const [row] = await db.query<{ sealed: Buffer }>('test.totp', 'select sealed from totp_secrets')
    assert.ok(!row!.sealed.includes(secret))
    assert.ok(!row!.sealed.includes(fromBase32(secret)))
    await db.query('test.user', 'insert into users (id) values ($1)', ['john'])
    await db.query(
      'test.copy',
      'insert into totp_secrets (user_id, sealed, last_step) select $1, sealed, 0 from totp_secrets',
      ['john'],
    )
    await assert.rejects(method.verify(asking('john'), code()))
  },
)
