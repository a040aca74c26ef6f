import assert from 'node:assert/strict'
import { testOnBoth } from '../support/database.ts'
import type { Wrong } from '../support/soft-passkeys.ts'
import { asking, origin, related, subject, withPeople } from './passkey.ts'

testOnBoth('a passkey says who it is, and that they were verified', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator } = await withPasskey()
  const options = await anybody()
  assert.equal(Buffer.from(options.challenge, 'base64url').length, 32)
  assert.deepEqual(options.allowCredentials, [], 'nothing is told of anybody')
  assert.equal(options.rpId, 'id.example.com')
  assert.equal(options.userVerification, 'required')
  const { at, ...proof } = await method.verify(asking(), authenticator.get(options))
  assert.ok(at instanceof Date)
  assert.deepEqual(proof, {
    method: 'passkey',
    kind: 'inherence',
    channel: null,
    identifier: null,
    userId: 'jane',
    amr: ['hwk', 'user'],
  })
  const [passkey] = await method.list('jane')
  assert.ok(passkey!.lastUsedAt)
})

testOnBoth('one that is kept by a password manager says so', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator, passkey } = await withPasskey({ synced: true })
  assert.equal(passkey.backedUp, true)
  const proof = await method.verify(asking(), authenticator.get(await anybody()))
  assert.deepEqual(proof.amr, ['swk', 'user'])
})

const wrongs: [string, Wrong, string][] = [
  ['another origin', { origin: 'https://evil.example' }, 'passkey_refused'],
  ['the same host without TLS', { origin: 'http://id.example.com' }, 'passkey_refused'],
  ['another port', { origin: 'https://id.example.com:8443' }, 'passkey_refused'],
  ['a passkey of another host', { rpId: 'evil.example' }, 'passkey_refused'],
  ['an answer to a registration', { type: 'webauthn.create' }, 'passkey_refused'],
  ['a frame of another site', { crossOrigin: true }, 'passkey_refused'],
  [
    'a frame whose top is another site',
    { crossOrigin: true, topOrigin: 'https://evil.example' },
    'passkey_refused',
  ],
  ['nobody present', { present: false }, 'passkey_refused'],
  ['nobody verified', { verified: false }, 'passkey_unverified'],
  ['another key’s signature', { forged: true }, 'passkey_refused'],
  ['backed up, though it can not be', { backedUp: true }, 'passkey_refused'],
  ['one that can be backed up all at once', { eligible: true }, 'passkey_refused'],
  ['another person’s handle', { userHandle: 'AAAA' }, 'passkey_refused'],
  ['no handle, where nobody has said who they are', { userHandle: null }, 'passkey_refused'],
  ['a challenge that was never given', { challenge: 'A'.repeat(43) }, 'passkey_expired'],
  ['a short challenge', { challenge: 'AAAA' }, 'passkey_refused'],
  ['an id that nobody has', { id: Buffer.alloc(32, 7) }, 'passkey_unknown'],
]

for (const [what, wrong, code] of wrongs) {
  testOnBoth(`refused: ${what}`, async (_t, db) => {
    const { method, anybody, withPasskey } = await withPeople(db, 'jane')
    const { authenticator } = await withPasskey()
    const answer = authenticator.get(await anybody(), wrong)
    await assert.rejects(method.verify(asking(), answer), { code })
    const right = authenticator.get(await anybody())
    assert.equal((await method.verify(asking(), right)).userId, 'jane', 'the passkey is good')
  })
}

const nonsense = ['', '{}', 'null', '[]', '{"id":1}', `{"id":"${'a'.repeat(2000)}"}`, '"', '\0']

testOnBoth('what is no answer at all is refused, and breaks nothing', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator } = await withPasskey()
  for (const text of nonsense) {
    await assert.rejects(method.verify(asking(), text), { code: 'passkey_refused' }, text)
  }
  const whole = JSON.parse(authenticator.get(await anybody()))
  for (const field of ['clientDataJSON', 'authenticatorData', 'signature']) {
    for (const value of ['', '!', 'AAAA', 7, null]) {
      const answer = { ...whole, response: { ...whole.response, [field]: value } }
      const refusal = (error: { code: string }) =>
        ['passkey_refused', 'passkey_expired', 'passkey_unverified'].includes(error.code)
      await assert.rejects(method.verify(asking(), JSON.stringify(answer)), refusal)
    }
  }
})

testOnBoth('an answer is good once, in the sign-in that it was asked for', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator } = await withPasskey()
  const elsewhere = authenticator.get(await anybody())
  await assert.rejects(method.verify(asking(null, 'i2'), elsewhere), { code: 'passkey_expired' })
  const answer = authenticator.get(await anybody())
  await method.verify(asking(), answer)
  await assert.rejects(method.verify(asking(), answer), { code: 'passkey_expired' })
})

testOnBoth('a wrong answer spends its challenge', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator } = await withPasskey()
  const options = await anybody()
  await assert.rejects(method.verify(asking(), authenticator.get(options, { forged: true })))
  const late = method.verify(asking(), authenticator.get(options))
  await assert.rejects(late, { code: 'passkey_expired' })
})

testOnBoth('a challenge is open for five minutes, and then gone', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator } = await withPasskey()
  const answer = authenticator.get(await anybody())
  const [row] = await db.query<{ seconds: number }>(
    'test.left',
    'select extract(epoch from expires_at - now())::int as seconds from passkey_challenges',
  )
  assert.ok(row!.seconds > 290 && row!.seconds <= 300, String(row!.seconds))
  await db.query('test.age', `update passkey_challenges set expires_at = now()`)
  await assert.rejects(method.verify(asking(), answer), { code: 'passkey_expired' })
  await method.sweep()
  assert.deepEqual(await db.query('test.rest', 'select 1 from passkey_challenges'), [])
})

testOnBoth('however often it is asked for, few challenges are out', async (_t, db) => {
  const { anybody } = await withPeople(db, 'jane')
  for (let turn = 0; turn < 20; turn++) await anybody()
  const rows = await db.query('test.count', 'select 1 from passkey_challenges')
  assert.equal(rows.length, 8)
})

testOnBoth('a second step takes a passkey of that person alone', async (_t, db) => {
  const { method, make } = await withPeople(db, 'jane', 'mallory')
  const janes = await make('jane')
  const others = await make('mallory')
  const options = () => method.requestOptions(subject, { userId: 'jane', verified: false })
  const asked = await options()
  assert.deepEqual(
    asked.allowCredentials.map(({ id }) => id),
    [janes.passkey.id],
  )
  assert.equal(asked.userVerification, 'preferred')
  const foreign = others.authenticator.get(asked)
  await assert.rejects(method.verify(asking('jane'), foreign), { code: 'passkey_refused' })
  const present = janes.authenticator.get(await options(), { verified: false, userHandle: null })
  const proof = await method.verify(asking('jane'), present)
  assert.equal(proof.kind, 'possession', 'nobody was verified')
})

testOnBoth('where more is needed, a second step verifies the person', async (_t, db) => {
  const { method, make } = await withPeople(db, 'jane')
  const { authenticator } = await make('jane')
  const asked = await method.requestOptions(subject, { userId: 'jane', verified: true })
  const answer = authenticator.get(asked, { verified: false })
  await assert.rejects(method.verify(asking('jane'), answer), { code: 'passkey_unverified' })
})

testOnBoth('a copied passkey is noticed by its counter, refused and reported', async (_t, db) => {
  const { method, anybody, withPasskey, events } = await withPeople(db, 'jane')
  const { authenticator, passkey } = await withPasskey({ counts: true })
  const answer = async (counter: number) => authenticator.get(await anybody(), { counter })
  await method.verify(asking(), await answer(10))
  for (const counter of [9, 10, 0]) {
    await assert.rejects(method.verify(asking(), await answer(counter)), { code: 'passkey_cloned' })
  }
  const reported = await events('factor.cloned')
  assert.deepEqual(
    reported.map(({ user_id, target }) => [user_id, target]),
    Array(3).fill(['jane', passkey.id]),
  )
  await method.verify(asking(), await answer(11))
})

testOnBoth('a site of another host may use them where the settings say so', async (_t, db) => {
  const { method, anybody, withPasskey } = await withPeople(db, 'jane')
  const { authenticator } = await withPasskey()
  assert.deepEqual(method.relatedOrigins(), [related])
  for (const from of [related, origin]) {
    const answer = authenticator.get(await anybody(), { origin: from })
    assert.equal((await method.verify(asking(), answer)).userId, 'jane')
  }
})
