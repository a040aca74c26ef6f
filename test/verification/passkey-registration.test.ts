import assert from 'node:assert/strict'
import { testOnBoth } from '../support/database.ts'
import { softAuthenticator, type Wrong } from '../support/soft-passkeys.ts'
import { about, asking, origin, ownerOf, subject, withPeople } from './passkey.ts'

testOnBoth('a new passkey is called what made it, and is noted', async (_t, db) => {
  const { method, make, events } = await withPeople(db, 'jane')
  const bitwarden = 'd548826e-79b4-db40-a3d8-11116f7e8349'
  const { options, passkey, verified } = await make(
    'jane',
    {},
    'passkey',
    softAuthenticator({ origin, aaguid: bitwarden, synced: true }),
  )
  assert.equal(verified, true)
  assert.deepEqual(options.authenticatorSelection, {
    residentKey: 'required',
    requireResidentKey: true,
    userVerification: 'required',
  })
  assert.equal(options.attestation, 'none')
  const [listed] = await method.list('jane')
  assert.deepEqual(
    { ...listed, createdAt: null },
    {
      id: passkey.id,
      name: 'Bitwarden',
      aaguid: bitwarden,
      backedUp: true,
      createdAt: null,
      lastUsedAt: null,
    },
  )
  const [event] = await events('factor.added')
  assert.equal(event!.user_id, 'jane')
  assert.equal(event!.target, passkey.id)
})

testOnBoth('authenticators know a person by random bytes that never change', async (_t, db) => {
  const { make } = await withPeople(db, 'jane', 'joan')
  const first = (await make('jane')).options.user
  assert.equal(Buffer.from(first.id, 'base64url').length, 32)
  assert.doesNotMatch(Buffer.from(first.id, 'base64url').toString('latin1'), /jane/)
  const second = await make('jane')
  assert.equal(second.options.user.id, first.id)
  assert.notEqual((await make('joan')).options.user.id, first.id)
  assert.equal(second.options.excludeCredentials.length, 1, 'no second one on the same device')
})

const wrongs: [string, Wrong, string][] = [
  ['another origin', { origin: 'https://evil.example' }, 'passkey_refused'],
  ['another host', { rpId: 'evil.example' }, 'passkey_refused'],
  ['an answer to a sign-in', { type: 'webauthn.get' }, 'passkey_refused'],
  ['a frame of another site', { crossOrigin: true }, 'passkey_refused'],
  ['nobody present', { present: false }, 'passkey_refused'],
  ['nobody verified', { verified: false }, 'passkey_unverified'],
  ['an algorithm that was not asked for', { alg: -35 }, 'passkey_refused'],
  ['no algorithm that there is', { alg: 0 }, 'passkey_refused'],
  ['backed up, though it can not be', { backedUp: true }, 'passkey_refused'],
  ['an attestation that nobody asked for', { format: 'tpm' }, 'passkey_refused'],
  ['a challenge that was never given', { challenge: 'B'.repeat(43) }, 'passkey_expired'],
  ['an id of more than 1023 bytes', { id: Buffer.alloc(1024, 1) }, 'passkey_refused'],
]

for (const [what, wrong, code] of wrongs) {
  testOnBoth(`no passkey is made with ${what}`, async (_t, db) => {
    const { method, make } = await withPeople(db, 'jane')
    await assert.rejects(make('jane', wrong), { code })
    assert.deepEqual(await method.list('jane'), [])
  })
}

testOnBoth('an id of 1023 bytes is one', async (_t, db) => {
  const { method, make, anybody } = await withPeople(db, 'jane')
  const { authenticator } = await make('jane', { id: Buffer.alloc(1023, 1) })
  assert.equal((await method.verify(asking(), authenticator.get(await anybody()))).userId, 'jane')
})

testOnBoth('a passkey belongs to one person, for ever', async (_t, db) => {
  const { method, make } = await withPeople(db, 'jane', 'mallory')
  const id = Buffer.alloc(32, 9)
  await make('jane', { id })
  await assert.rejects(make('mallory', { id }), { code: 'passkey_exists' })
  await assert.rejects(make('jane', { id }), { code: 'passkey_exists' })
  assert.deepEqual(await method.list('mallory'), [])
})

testOnBoth(
  'an answer makes one passkey, in the place and for whom it was asked for',
  async (_t, db) => {
    const { method } = await withPeople(db, 'jane')
    const authenticator = softAuthenticator({ origin })
    const jane = { subject, userId: 'jane' }
    const begin = () => method.beginRegistration(ownerOf('jane'), subject)
    const foreign = authenticator.create(await begin())
    const elsewhere = method.register({ subject: 'account:s1', userId: 'jane' }, foreign, about)
    await assert.rejects(elsewhere, { code: 'passkey_expired' })
    const other = authenticator.create(await begin())
    const answer = authenticator.create(await begin())
    const mallory = method.register({ ...jane, userId: 'mallory' }, other, about)
    await assert.rejects(mallory, { code: 'passkey_expired' })
    assert.deepEqual(await method.list('jane'), [])
    await method.register(jane, answer, about)
    await assert.rejects(method.register(jane, answer, about), { code: 'passkey_expired' })
    const login = await method.requestOptions(subject, { userId: null, verified: true })
    const mixed = authenticator.create({ ...(await begin()), challenge: login.challenge })
    await assert.rejects(method.register(jane, mixed, about), { code: 'passkey_expired' })
  },
)

testOnBoth('a security key that verifies nobody is a second factor', async (_t, db) => {
  const { make } = await withPeople(db, 'jane')
  const { verified, options } = await make('jane', { verified: false }, 'any')
  assert.equal(verified, false)
  assert.equal(options.authenticatorSelection.residentKey, 'preferred')
})

testOnBoth('a browser that makes one quietly shows nobody', async (_t, db) => {
  const { method, make, anybody } = await withPeople(db, 'jane')
  const { authenticator } = await make('jane', { present: false, verified: false }, 'quiet')
  const proof = await method.verify(asking(), authenticator.get(await anybody()))
  assert.equal(proof.kind, 'inherence')
})

testOnBoth('a passkey is renamed, and removed, by its owner alone', async (_t, db) => {
  const { method, make, anybody, events } = await withPeople(db, 'jane', 'mallory')
  const { passkey, authenticator } = await make('jane')
  await assert.rejects(method.rename('mallory', passkey.id, 'Mine'), { code: 'not_found' })
  await assert.rejects(method.rename('jane', passkey.id, ' \n '), {
    code: 'passkey_name_required',
  })
  await assert.rejects(method.rename('jane', passkey.id, 'x'.repeat(65)), { code: 'name_too_long' })
  await method.rename('jane', passkey.id, '  Laptop \u202e ')
  assert.equal((await method.list('jane'))[0]!.name, 'Laptop')

  await assert.rejects(method.remove('mallory', passkey.id, about), { code: 'not_found' })
  await method.remove('jane', passkey.id, about)
  await assert.rejects(method.remove('jane', passkey.id, about), { code: 'not_found' })
  const [event] = await events('factor.removed')
  assert.equal(event!.detail, '{"name":"Laptop"}')
  const answer = authenticator.get(await anybody())
  await assert.rejects(method.verify(asking(), answer), { code: 'passkey_unknown' })
})

testOnBoth('browsers are told which passkeys are left', async (_t, db) => {
  const { method, make } = await withPeople(db, 'jane')
  const first = await make('jane')
  await make('jane')
  await method.remove('jane', first.passkey.id, about)
  const [left] = await method.list('jane')
  const place = { rpId: 'id.example.com', userId: first.options.user.id }
  const { name, displayName } = ownerOf('jane')
  assert.deepEqual(await method.signals(ownerOf('jane')), [
    ['signalAllAcceptedCredentials', { ...place, allAcceptedCredentialIds: [left!.id] }],
    ['signalCurrentUserDetails', { ...place, name, displayName }],
  ])
})

testOnBoth(
  'who does not want one is not asked in that browser, for a while or ever',
  async (_t, db) => {
    const { method } = await withPeople(db, 'jane')
    const [here, there] = [Buffer.from('here'), Buffer.from('there')]
    assert.equal(await method.isRefused('jane', here), false)
    await method.refuse('jane', here, 30)
    assert.equal(await method.isRefused('jane', here), true)
    assert.equal(await method.isRefused('jane', there), false)
    await db.query('test.later', `update passkey_refusals set until = until - interval '30 days'`)
    assert.equal(await method.isRefused('jane', here), false)
    await method.refuse('jane', here, null)
    assert.equal(await method.isRefused('jane', here), true)
  },
)
