import assert from 'node:assert/strict'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import type { Who } from '#src/verification/contract.ts'
import { nativeArgon2 } from '#src/verification/password/argon2.ts'
import { passwordMethod } from '#src/verification/password/index.ts'
import { testOnBoth } from '../support/database.ts'

const cheap = { memoryKib: 64, passes: 1, lanes: 1 }
const at = new Date('2026-11-20T09:00:00Z')
const jane = { type: 'email', value: 'jane@shop.example', display: 'Jane@shop.example' } as const

const asking = (who: Partial<Who> = {}): Who => ({
  interactionUid: 'i1',
  clientId: 'shop',
  applicationName: 'Shop',
  browser: 'b1',
  identifier: jane,
  userId: null,
  usageType: 'SignIn',
  locale: 'en',
  decoy: false,
  ...who,
})

const setUp = (db: Db, { secrets = ['new secret'], cost = cheap } = {}) => {
  const calls = { argon2: 0 }
  const method = passwordMethod({
    db,
    pepper: keyring(secrets, 'passwords'),
    common: new Set(['dragonfire']),
    findUserId: async ({ value }) => (value === jane.value ? 'jane' : null),
    now: () => at,
    cost,
    argon2: (...given) => {
      calls.argon2 += 1
      return nativeArgon2(...given)
    },
  })
  return { method, calls }
}

const withJane = async (db: Db, password: string, setting = {}) => {
  const made = setUp(db, setting)
  await db.query('test.user', 'insert into users (id) values ($1)', ['jane'])
  await made.method.store(db, 'jane', await made.method.prepare(password))
  made.calls.argon2 = 0
  return made
}

const storedHash = async (db: Db) => {
  const [row] = await db.query<{ hash: string }>('test.hash', 'select hash from passwords')
  return row!.hash
}

testOnBoth(
  'the right password proves who someone is, by identifier or by person',
  async (_t, db) => {
    const { method } = await withJane(db, 'kxq71v!m')
    const proof = {
      method: 'password',
      kind: 'knowledge',
      channel: null,
      identifier: null,
      userId: 'jane',
      amr: ['pwd'],
      at,
    }
    assert.deepEqual(await method.verify(asking(), 'kxq71v!m'), proof)
    assert.deepEqual(
      await method.verify(asking({ identifier: null, userId: 'jane' }), 'kxq71v!m'),
      proof,
    )
  },
)

testOnBoth('every failure has the same answer and costs one hash', async (_t, db) => {
  const { method, calls } = await withJane(db, 'kxq71v!m')
  await db.query('test.user', 'insert into users (id) values ($1)', ['without'])
  const stranger = { ...jane, value: 'nobody@shop.example' }
  for (const [who, password] of [
    [asking(), 'kxq71v!n'],
    [asking({ identifier: stranger }), 'kxq71v!m'],
    [asking({ userId: 'without' }), 'kxq71v!m'],
    [asking({ userId: 'without' }), ''.padEnd(15)],
    [asking({ identifier: null }), 'kxq71v!m'],
    [asking({ decoy: true }), 'kxq71v!m'],
  ] as const) {
    const before = calls.argon2
    await assert.rejects(method.verify(who, password), {
      code: 'incorrect_password',
      field: 'password',
      values: {},
    })
    assert.equal(calls.argon2 - before, 1)
  }
})

testOnBoth('what can be nobody’s password is refused before it is hashed', async (_t, db) => {
  const { method, calls } = await withJane(db, 'kxq71v!m')
  for (const password of ['x'.repeat(257), 'x'.repeat(1_000_000), 'kxq71v!m\ud800']) {
    await assert.rejects(method.verify(asking(), password), { code: 'incorrect_password' })
  }
  await assert.rejects(method.verify(asking(), ''), { code: 'password_required' })
  assert.equal(calls.argon2, 0)
})

testOnBoth('a password works however its letters are composed', async (_t, db) => {
  const { method } = await withJane(db, 'Zürich ist schön'.normalize('NFD'))
  await method.verify(asking(), 'Zürich ist schön'.normalize('NFC'))
  await assert.rejects(method.verify(asking(), 'Zurich ist schon'), { code: 'incorrect_password' })
})

testOnBoth(
  'a password is hashed anew at the next sign-in after the cost was raised',
  async (_t, db) => {
    const old = await withJane(db, 'kxq71v!m')
    const { method, calls } = setUp(db, { cost: { ...cheap, passes: 2 } })
    await assert.rejects(method.verify(asking(), 'kxq71v!n'), { code: 'incorrect_password' })
    assert.match(await storedHash(db), /t=1,/)
    await method.verify(asking(), 'kxq71v!m')
    assert.match(await storedHash(db), /t=2,/)
    const before = calls.argon2
    await method.verify(asking(), 'kxq71v!m')
    assert.equal(calls.argon2 - before, 1)
    await old.method.verify(asking(), 'kxq71v!m')
  },
)

testOnBoth(
  'after a rotation of the secrets the next sign-in moves the password to the new one',
  async (_t, db) => {
    await withJane(db, 'kxq71v!m', { secrets: ['old secret'] })
    await setUp(db, { secrets: ['new secret', 'old secret'] }).method.verify(asking(), 'kxq71v!m')
    await setUp(db, { secrets: ['new secret'] }).method.verify(asking(), 'kxq71v!m')
  },
)

testOnBoth('a hash that is renewed never undoes a change of password', async (_t, db) => {
  await withJane(db, 'kxq71v!m')
  const changed = await setUp(db).method.prepare('another one')
  const slow = passwordMethod({
    db,
    pepper: keyring(['new secret'], 'passwords'),
    common: new Set(),
    findUserId: async () => 'jane',
    now: () => at,
    cost: { ...cheap, passes: 3 },
    argon2: async (message, salt, cost) => {
      if (cost.passes === 3) await setUp(db).method.store(db, 'jane', changed)
      return nativeArgon2(message, salt, cost)
    },
  })
  await slow.verify(asking(), 'kxq71v!m')
  assert.equal(await storedHash(db), changed)
})

testOnBoth('a new password replaces the old one, and can be taken away', async (_t, db) => {
  const { method } = await withJane(db, 'kxq71v!m')
  await method.store(db, 'jane', await method.prepare('another one'))
  await assert.rejects(method.verify(asking(), 'kxq71v!m'), { code: 'incorrect_password' })
  await method.verify(asking(), 'another one')
  assert.equal(await method.has(db, 'jane'), true)
  await method.remove(db, 'jane')
  assert.equal(await method.has(db, 'jane'), false)
  await assert.rejects(method.verify(asking(), 'another one'), { code: 'incorrect_password' })
})

testOnBoth('neither a password nor anything to guess it by is in the database', async (_t, db) => {
  await withJane(db, 'kxq71v!m')
  const rows = JSON.stringify(await db.query('test.rows', 'select * from passwords'))
  assert.ok(rows.includes('jane'))
  for (const encoding of ['utf8', 'hex', 'base64'] as const) {
    assert.ok(!rows.includes(Buffer.from('kxq71v!m').toString(encoding).replace(/=+$/, '')))
  }
})

testOnBoth('a new password that is refused says why', async (_t, db) => {
  const { method } = setUp(db)
  const rules = { minLength: 8, context: ['jane@shop.example'] }
  const field = 'new_password'
  for (const [password, problem] of [
    ['', { code: 'password_required', field }],
    ['kxq71v!', { code: 'password_too_short', field, values: { length: 8 } }],
    ['x1'.repeat(129), { code: 'password_too_long', field, values: { length: 256 } }],
    ['DragonFire99', { code: 'password_too_common', field }],
    ['jane2026!', { code: 'password_too_common', field }],
    ['kxq71v!m\udfff', { code: 'invalid_input', field }],
  ] as const) {
    assert.throws(() => method.check(password, rules), problem)
  }
  method.check('kxq71v!m', rules)
  await assert.rejects(method.prepare('x'.repeat(257)), { code: 'password_too_long' })
  await assert.rejects(method.prepare('kxq71v!m\udfff'), { code: 'invalid_input' })
})
