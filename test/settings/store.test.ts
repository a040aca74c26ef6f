import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsPatch, settingsSchema } from '#config/settings-schema.ts'
import type { Db } from '#src/db/contract.ts'
import { defaultSettings, settingsStore } from '#src/settings/index.ts'
import { testOnBoth, withDatabase } from '../support/database.ts'

const apply = async (db: Db, partial: Parameters<typeof settingsPatch.parse>[0]) => {
  const store = settingsStore({ db })
  await db.transaction((tx) => store.applyFile(tx, settingsPatch.parse(partial)))
  await store.load()
  return store.current()
}

const stored = (db: Db) =>
  db.query<{ section: string; held: boolean }>(
    'test.settings',
    'select section, file_value is not null as held from settings order by section',
  )

test('the defaults are possible settings', () => {
  assert.deepEqual(settingsSchema.parse(defaultSettings), defaultSettings)
})

testOnBoth('without a file the defaults are in force', async (_t, db) => {
  const store = settingsStore({ db })
  assert.deepEqual(store.current(), defaultSettings)
  await store.load()
  assert.deepEqual(store.current(), defaultSettings)
})

testOnBoth('the file changes what it names and nothing beside it', async (_t, db) => {
  const settings = await apply(db, {
    codes: { tries: 3 },
    signIn: { mfa: { afterPassword: 'off' } },
    limits: { resendSeconds: [10] },
  })
  assert.deepEqual(settings.codes, { ...defaultSettings.codes, tries: 3 })
  assert.deepEqual(settings.signIn.mfa, {
    afterPassword: 'off',
    afterPasswordless: 'when_enrolled',
    roles: [],
  })
  assert.deepEqual(settings.signIn.methods, defaultSettings.signIn.methods)
  assert.deepEqual(settings.limits.resendSeconds, [10])
})

testOnBoth('what is taken out of the file keeps its value and is released', async (_t, db) => {
  await apply(db, { codes: { tries: 3, length: 8 }, branding: { name: 'ACME' } })
  assert.deepEqual(await stored(db), [
    { section: 'branding', held: true },
    { section: 'codes', held: true },
  ])

  const fewer = await apply(db, { codes: { tries: 4 } })
  assert.deepEqual([fewer.codes.tries, fewer.codes.length, fewer.branding.name], [4, 8, 'ACME'])
  assert.deepEqual(await stored(db), [
    { section: 'branding', held: false },
    { section: 'codes', held: true },
  ])

  const none = await apply(db, {})
  assert.deepEqual([none.codes.tries, none.codes.length, none.branding.name], [4, 8, 'ACME'])
  assert.ok((await stored(db)).every(({ held }) => !held))
})

testOnBoth('a resource that the file no longer names stays', async (_t, db) => {
  const [one, other] = ['https://one.example', 'https://other.example']
  await apply(db, {
    resources: [
      { indicator: one, scopes: ['a'] },
      { indicator: other, scopes: [] },
    ],
  })
  const { resources } = await apply(db, { resources: [{ indicator: one, scopes: ['a', 'b'] }] })
  assert.deepEqual(resources, [
    { indicator: one, scopes: ['a', 'b'], accessTokenTtlSeconds: 900 },
    { indicator: other, scopes: [], accessTokenTtlSeconds: 900 },
  ])
})

testOnBoth('what does not go together with what is stored is refused whole', async (_t, db) => {
  await apply(db, { session: { absoluteSeconds: 3600, idleSeconds: 600 } })
  await assert.rejects(apply(db, { codes: { tries: 2 }, session: { idleSeconds: 7200 } }), {
    name: 'ConfigurationError',
    faults: ['session.idle: may not be more than 3600, which limits it'],
  })
  await assert.rejects(
    apply(db, {
      signIn: { identifiers: ['username'], methods: ['password'] },
      limits: { sendsPerHour: 20 },
    }),
    {
      faults: ['limits.sends_per_hour: may not be more than 10, which limits it'],
    },
  )
  await assert.rejects(
    apply(db, { signIn: { methods: ['sms-code'] } }),
    /sign_in_experience\.methods: /,
  )
  const store = settingsStore({ db })
  await store.load()
  assert.equal(store.current().codes.tries, 5)
})

testOnBoth(
  'another process notices a change within seconds, without asking in between',
  async (_t, db) => {
    let clock = 0
    let asked = 0
    const counting: Db = {
      query: (...query) => {
        asked++
        return db.query(...query)
      },
      transaction: (work) => db.transaction(work),
    }
    const store = settingsStore({ db: counting, now: () => clock })
    await store.load()
    await apply(db, { codes: { tries: 2 } })

    asked = 0
    for (let times = 0; times < 1000; times++) assert.equal(store.current().codes.tries, 5)
    assert.equal(asked, 0)

    clock = 3000
    store.current()
    store.current()
    assert.equal(asked, 1)
    await store.refresh()
    assert.equal(store.current().codes.tries, 2)
    assert.equal(store.current(), store.current())
  },
)

test('settings stay in force while the database does not answer', async (t) => {
  const db = await withDatabase(t, 'embedded')
  await apply(db, { codes: { tries: 2 } })
  let clock = 0
  let gone = false
  const failures: unknown[] = []
  const flaky: Db = {
    query: (...query) => (gone ? Promise.reject(new Error('gone')) : db.query(...query)),
    transaction: (work) => db.transaction(work),
  }
  const store = settingsStore({
    db: flaky,
    now: () => clock,
    onFailure: (error) => void failures.push(error),
  })
  await store.load()
  gone = true
  clock = 10_000
  assert.equal(store.current().codes.tries, 2)
  await new Promise(setImmediate)
  assert.equal(failures.length, 1)
  assert.equal(store.current().codes.tries, 2)
})

test('nobody can change the settings by accident', () => {
  const store = settingsStore({ db: null as never })
  assert.throws(() => {
    ;(store.current().codes as { tries: number }).tries = 100
  }, TypeError)
  assert.ok(!Object.isFrozen(defaultSettings))
})
