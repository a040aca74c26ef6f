import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Facts, family, nextStep } from '#src/interaction/policy.ts'
import type { MethodId } from '#src/verification/contract.ts'
import { all, email, phone, proven, username, ways } from './facts.ts'

const methods = Object.keys(ways) as MethodId[]
const someWays = fc
  .uniqueArray(fc.constantFrom(...methods), { maxLength: 5 })
  .map((ids) => all(...ids))
const policy = fc.constantFrom('required', 'when_enrolled', 'off')

const anyFacts = fc
  .record({
    prompt: fc.constantFrom('login', 'select_account', 'create', 'consent'),
    intent: fc.constantFrom('sign-in', 'create', 'reset'),
    identifier: fc.constantFrom(phone, email, username, null),
    chosen: fc.option(fc.constantFrom(...methods)),
    proofs: fc
      .uniqueArray(fc.constantFrom(...methods), { maxLength: 5 })
      .map((ids) => proven(...ids)),
    firstWays: someWays,
    passwordless: fc.boolean(),
    user: fc.option(
      fc.record({
        blocked: fc.boolean(),
        hasPassword: fc.boolean(),
        hasTotp: fc.boolean(),
        hasPasskey: fc.boolean(),
        idleLong: fc.boolean(),
        ways: someWays,
      }),
    ),
    done: fc.uniqueArray(fc.constantFrom('account', 'created', 'new-password')),
    registration: fc.constantFrom('open', 'closed', 'invited', 'domains'),
    registrationDomains: fc.constantFrom([], ['example.com']),
    invited: fc.boolean(),
    profile: fc.uniqueArray(fc.constantFrom('name', 'username', 'password')),
    mfa: fc.record({ afterPassword: policy, afterPasswordless: policy }),
    trusted: fc.boolean(),
    named: fc.option(
      fc.record({ ways: someWays, enrol: fc.constantFrom('totp', 'password', null) }),
    ),
    app: fc.option(someWays),
    wantsApp: fc.boolean(),
    wantsTwoKinds: fc.boolean(),
    wantsPasskey: fc.boolean(),
    passkeys: fc.boolean(),
    offersPasskey: fc.boolean(),
    wantsTheImpossible: fc.boolean(),
  })
  .map((facts) => facts as Facts)
  // Who asks for a passkey asks for two kinds; where there are none, for the impossible.
  .map((facts) => ({
    ...facts,
    wantsTwoKinds: facts.wantsTwoKinds || facts.wantsPasskey,
    wantsTheImpossible: facts.wantsTheImpossible || (facts.wantsPasskey && !facts.passkeys),
  }))

const runs = { numRuns: 3000 }

test('nobody ever finishes without a proof, without an account, or blocked', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (nextStep(facts).kind !== 'finish') return
      assert.ok(facts.proofs.length > 0 && facts.user && !facts.user.blocked)
      if (facts.intent === 'reset') assert.ok(facts.done.includes('new-password'))
      const kinds = new Set(facts.proofs.flatMap(({ kind }) => kind ?? []))
      if (facts.wantsTwoKinds) assert.equal(kinds.size > 1, true)
      if (facts.wantsPasskey) assert.ok(kinds.has('inherence'))
      const required =
        facts.mfa.afterPassword === 'required' && facts.proofs[0]?.method === 'password'
      if (required && !facts.trusted)
        assert.ok(facts.proofs.some(({ method }) => method !== 'password'))
    }),
    runs,
  )
})

test('a trusted browser resets no password and makes up for no second kind of factor', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (!facts.wantsTwoKinds && facts.intent !== 'reset') return
      const kinds = new Set(facts.proofs.flatMap(({ kind }) => kind ?? []))
      if (facts.intent !== 'reset' && kinds.size > 1) return
      assert.deepEqual(
        nextStep({ ...facts, trusted: true }),
        nextStep({ ...facts, trusted: false }),
      )
    }),
    runs,
  )
})

test('whoever was long away does not finish by text messages alone, where they have more', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.prompt === 'consent' || !facts.user?.idleLong) return
      const isText = ({ channel }: { channel: string | null }) => channel === 'sms'
      const more = facts.user.ways.some(
        (way) => !isText(way) && !(facts.intent === 'reset' && way.method === 'password'),
      )
      if (facts.proofs.length === 0 || !facts.proofs.every(isText) || !more) return
      const { kind } = nextStep(facts)
      assert.ok(!['finish', 'new-password', 'enroll-totp', 'enroll-passkey'].includes(kind), kind)
    }),
    runs,
  )
})

test('whoever is asked for a factor by name finishes only with it', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      if (facts.named) assert.notEqual(nextStep(facts).kind, 'finish')
    }),
    runs,
  )
})

test('nothing is set up or changed by somebody who has proven nothing of an account', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = nextStep(facts)
      const changes = ['new-password', 'enroll-totp', 'enroll-passkey', 'offer-passkey']
      if (!changes.includes(step.kind)) return
      assert.ok(facts.user)
      // An account that was made a moment ago is that of whoever made it.
      assert.ok(facts.proofs.length > 0 || facts.done.includes('created'))
    }),
    runs,
  )
})

test('whoever has not shown their app is offered nothing new, and finishes no change', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      // Before there is an account, or a proof, nobody has an app.
      if (!facts.app?.length || !facts.user || facts.proofs.length === 0) return
      if (facts.done.includes('created')) return
      const step = nextStep(facts)
      const adds = step.kind === 'new-password' && step.reason === 'second-factor'
      assert.ok(!adds && !/^enroll-|^offer-/.test(step.kind), step.kind)
      if (facts.wantsApp && facts.prompt !== 'consent') assert.notEqual(step.kind, 'finish')
    }),
    runs,
  )
})

test('a second step is another method over another channel than what was proven', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      // What is named is proven anew, whatever was proven of it; so is the app.
      if (facts.named?.ways.length || facts.app?.length) return
      const step = nextStep(facts)
      if (step.kind !== 'verify' || !step.second) return
      for (const way of step.ways) {
        for (const proof of facts.proofs) {
          assert.notEqual(family(way.method), family(proof.method))
          if (way.channel) assert.notEqual(way.channel, proof.channel)
        }
      }
    }),
    runs,
  )
})

test('no way is offered twice', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const step = nextStep(facts)
      if (step.kind !== 'verify') return
      const offered = step.ways.map(({ method }) => method)
      assert.deepEqual(offered, [...new Set(offered)])
    }),
    runs,
  )
})

test('the same facts give the same step, and stay as they are', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const before = JSON.stringify(facts)
      assert.deepEqual(nextStep(facts), nextStep(JSON.parse(before)))
      assert.equal(JSON.stringify(facts), before)
    }),
    runs,
  )
})
