import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { signInRepository } from '#src/interaction/index.ts'
import { keyring } from '#src/lib/crypto.ts'
import type { Identifier } from '#src/users/contract.ts'
import type { Verification } from '#src/verification/contract.ts'
import { type TestDatabase, testOnBoth } from '../support/database.ts'
import { race } from '../support/race.ts'

const mine: Identifier = { type: 'email', value: 'me@example.com', display: 'me@example.com' }
const theirs: Identifier = { type: 'username', value: 'victim', display: 'victim' }

const byEmail: Verification = {
  method: 'email-code',
  kind: null,
  channel: 'email',
  identifier: mine,
  userId: null,
  amr: ['otp', 'email'],
  at: new Date(),
}

const nowhere = { address: null, reference: null }
const keys = keyring(['a-secret-for-tests-only-a-secret-for-tests-only'], 'interactions')

const signInsOf = (db: TestDatabase) => {
  const signIns = signInRepository(db, keys)
  const browser = randomBytes(32)
  const begin = (uid: string, identifier: Identifier) =>
    signIns.identify(
      uid,
      browser,
      {
        intent: 'sign-in',
        identifier,
        known: false,
        decoy: false,
        locale: 'en',
        agent: null,
        done: [],
        clientId: 'shop',
      },
      nowhere,
    )
  type SignIn = Awaited<ReturnType<typeof begin>>
  const verified = (signIn: SignIn, verification: Verification, userId: string | null) =>
    signIns.verified(signIn, verification, userId, nowhere)
  return { ...signIns, begin, verified }
}

testOnBoth('to begin anew with another identifier forgets what was proven', async (_, db) => {
  const { begin, find, verified } = signInsOf(db)
  const first = await begin('one', mine)
  assert.equal((await verified(first, byEmail, null)).verifications.length, 1)
  assert.equal((await find('one'))?.verifications.length, 1)
  const second = await begin('one', theirs)
  assert.deepEqual(second.identifier, theirs)
  assert.deepEqual((await find('one'))?.verifications, [])
})

testOnBoth('a proof that was begun for one identifier never counts for another', async (_, db) => {
  const { begin, find, verified } = signInsOf(db)
  const first = await begin('one', mine)
  await begin('one', theirs)
  await assert.rejects(verified(first, byEmail, null), { code: 'method_not_available' })
  assert.deepEqual((await find('one'))?.verifications, [])

  for (let round = 0; round < 60; round++) {
    const uid = `race-${round}`
    const signIn = await begin(uid, mine)
    await race(2, (index) =>
      index === round % 2 ? begin(uid, theirs) : verified(signIn, byEmail, null),
    )
    const now = await find(uid)
    assert.deepEqual([now?.identifier?.value, now?.verifications], [theirs.value, []])
  }
})

testOnBoth('a sign-in that belongs to one person takes no proof of another', async (_, db) => {
  const { begin, verified } = signInsOf(db)
  const signIn = await begin('one', mine)
  await verified(signIn, byEmail, 'anna')
  const stranger = { ...byEmail, method: 'totp', channel: null, userId: 'mallory' } as const
  await assert.rejects(verified(signIn, stranger, 'mallory'), { code: 'method_not_available' })
  const own = await verified(signIn, { ...stranger, userId: 'anna' }, 'anna')
  assert.equal(own.userId, 'anna')
})

testOnBoth('what is kept for a page is kept once, whoever comes first', async (_, db) => {
  const { begin, find, keepPending, forgetPending } = signInsOf(db)
  await begin('one', mine)
  const { won } = await race(5, (index) => keepPending('one', { totpSecret: `SECRET${index}` }))
  assert.equal(new Set(won.map(({ totpSecret }) => totpSecret)).size, 1)
  assert.equal((await find('one'))?.pending.totpSecret, won[0]?.totpSecret)
  await forgetPending('one')
  assert.deepEqual((await find('one'))?.pending, {})
})
