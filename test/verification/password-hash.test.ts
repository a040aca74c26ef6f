import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyring } from '#src/lib/crypto.ts'
import { nativeArgon2 } from '#src/verification/password/argon2.ts'
import { currentCost, passwordHasher } from '#src/verification/password/hash.ts'
import { formatPhc, parsePhc } from '#src/verification/password/phc.ts'
import { boundedQueue } from '#src/verification/password/queue.ts'

const cheap = { memoryKib: 64, passes: 1, lanes: 1 }
const hasher = ({ secrets = ['new secret'], cost = cheap, argon2 = nativeArgon2 } = {}) =>
  passwordHasher({ argon2, pepper: keyring(secrets, 'passwords'), queue: (work) => work(), cost })

test('argon2id is what the standard says, as another implementation of it agrees', async () => {
  const message = Buffer.from('a message of any length')
  const salt = Buffer.alloc(16, 7)
  const expected = argon2Sync('argon2id', {
    message,
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: 19_456,
    passes: 2,
  })
  assert.deepEqual(await nativeArgon2(message, salt, currentCost), expected)
})

test('a stored hash names its algorithm, cost and pepper, and has a salt of its own', async () => {
  const [one, other] = await Promise.all(
    [1, 2].map(() => hasher({ cost: currentCost }).hash('kxq71v!m')),
  )
  const shape =
    /^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=[\w+/]{8}\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/
  assert.match(one!, shape)
  assert.match(other!, shape)
  assert.notEqual(one, other)
  assert.deepEqual(await hasher().verify('kxq71v!m', one!), { correct: true, outdated: true })
})

test('stored hashes survive being written and read', async () => {
  const hash = await hasher().hash('kxq71v!m')
  assert.equal(formatPhc(parsePhc(hash)!), hash)
  for (const broken of ['', 'kxq71v!m', hash.slice(0, 40), hash.replace('argon2id', 'argon2i')]) {
    assert.equal(parsePhc(broken), null)
  }
})

test('the database alone does not tell whether a password is right', async () => {
  const { salt, tag } = parsePhc(await hasher().hash('kxq71v!m'))!
  const unpeppered = await nativeArgon2(Buffer.from('kxq71v!m'), salt, cheap)
  assert.notDeepEqual(unpeppered, tag)
})

test('passwords still work after a new secret was put first, until the old one is taken away', async () => {
  const hash = await hasher({ secrets: ['old secret'] }).hash('kxq71v!m')
  const rotated = hasher({ secrets: ['new secret', 'old secret'] })
  assert.deepEqual(await rotated.verify('kxq71v!m', hash), { correct: true, outdated: true })
  assert.deepEqual(await rotated.verify('kxq71v!n', hash), { correct: false, outdated: false })
  const renewed = await rotated.hash('kxq71v!m')
  assert.deepEqual(await rotated.verify('kxq71v!m', renewed), { correct: true, outdated: false })
  const without = hasher({ secrets: ['new secret'] })
  assert.deepEqual(await without.verify('kxq71v!m', renewed), { correct: true, outdated: false })
  assert.deepEqual(await without.verify('kxq71v!m', hash), { correct: false, outdated: false })
})

test('only the very same password is right', async () => {
  const pairs = [
    ['kxq71v!m', 'kxq71v!M'],
    ['kxq71v!m', 'kxq71v!m '],
    ['nul\0one', 'nul\0two'],
    ['nul\0one', 'nul'],
    [`${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    [`${'x'.repeat(255)}a`, `${'x'.repeat(255)}b`],
  ] as const
  for (const [password, other] of pairs) {
    const hash = await hasher().hash(password)
    assert.equal((await hasher().verify(password, hash)).correct, true)
    assert.equal((await hasher().verify(other, hash)).correct, false)
  }
})

test('as much is computed for nobody as for somebody', async () => {
  const costs: object[] = []
  const counting = hasher({
    cost: currentCost,
    argon2: async (message, salt, cost) => {
      costs.push({ ...cost, message: message.length, salt: salt.length })
      return Buffer.alloc(32)
    },
  })
  const hash = await counting.hash('kxq71v!m')
  costs.length = 0
  await counting.verify('kxq71v!m', hash)
  assert.equal((await counting.verify('kxq71v!m', null)).correct, false)
  assert.equal((await counting.verify('kxq71v!m', 'unreadable')).correct, false)
  assert.equal(costs.length, 3)
  for (const cost of costs) assert.deepEqual(cost, { ...currentCost, message: 32, salt: 16 })
})

/** Work that ends when it is told to. */
const held = () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { work: () => promise, finish: resolve }
}

test('no more passwords are hashed at once than the machine bears', async () => {
  const queue = boundedQueue({ inFlight: 2, waiting: 32, waitMs: 10_000 })
  let running = 0
  let most = 0
  const work = async () => {
    running += 1
    most = Math.max(most, running)
    await sleep(1)
    running -= 1
  }
  const twice = async () => {
    await queue(work)
    await queue(work)
  }
  await Promise.all(Array.from({ length: 34 }, twice))
  assert.equal(most, 2)
  await queue(work)
})

test('beyond a short line people are asked to try again in a moment', async () => {
  const queue = boundedQueue({ inFlight: 1, waiting: 1, waitMs: 10_000 })
  const first = held()
  const done = queue(first.work)
  const second = queue(async () => 'second')
  await assert.rejects(
    queue(async () => 'third'),
    { code: 'busy', status: 503, retryAfterSeconds: 11 },
  )
  first.finish()
  await done
  assert.equal(await second, 'second')
})

test('nobody waits longer than promised, and giving up frees the place in the line', async () => {
  const queue = boundedQueue({ inFlight: 1, waiting: 1, waitMs: 20 })
  const first = held()
  const done = queue(first.work)
  await assert.rejects(
    queue(async () => 'late'),
    { code: 'busy' },
  )
  const next = queue(async () => 'next')
  first.finish()
  await done
  assert.equal(await next, 'next')
})

test('work that fails does not block the line', async () => {
  const queue = boundedQueue({ inFlight: 1, waiting: 1, waitMs: 1000 })
  const broken = queue(() => Promise.reject(new Error('broken')))
  const next = queue(async () => 'next')
  await assert.rejects(broken, /broken/)
  assert.equal(await next, 'next')
})
