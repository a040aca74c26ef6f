import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigurationError } from '#config/configuration-error.ts'
import { environment, loadEnv, proxyTest } from '#config/env.ts'

const secret = 'a-secret-for-tests-only-0123456789'
const production = {
  NODE_ENV: 'production',
  BASE_URL: 'https://id.example.com',
  DATABASE_URL: 'postgres://avouch:hunter2@db.internal:5432/avouch',
  SECRET_KEYS: secret,
}

const faultsOf = (given: Record<string, string>): readonly string[] => {
  try {
    loadEnv(given)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.faults
  }
  return []
}
const blamed = (given: Record<string, string>) =>
  faultsOf(given).map((fault) => fault.slice(0, fault.indexOf(':')))

test('nothing has to be set to evaluate', () => {
  const env = loadEnv({})
  assert.equal(env.production, false)
  assert.equal(env.BASE_URL, 'http://localhost:3000')
  assert.equal(env.HOST, '127.0.0.1')
  assert.deepEqual([env.PORT, env.DEMO_PORT, env.METRICS_PORT], [3000, 3001, 3002])
  assert.deepEqual(env.SECRET_KEYS, [])
  assert.ok(!env.explicit.PORT && !env.explicit.BASE_URL)
})

test('the public origin follows the port unless it is set', () => {
  assert.equal(loadEnv({ PORT: '8080' }).BASE_URL, 'http://localhost:8080')
  const env = loadEnv({ ...production, BASE_URL: 'HTTPS://ID.example.com:443/' })
  assert.equal(env.BASE_URL, 'https://id.example.com')
  assert.ok(!env.explicit.PORT && env.explicit.BASE_URL)
})

test('production listens on every interface unless told otherwise', () => {
  assert.equal(loadEnv(production).HOST, undefined)
  assert.equal(loadEnv({ ...production, HOST: '::1' }).HOST, '::1')
})

test('production refuses to start without what keeps it safe, and says so all at once', () => {
  assert.deepEqual(blamed({ NODE_ENV: 'production' }), ['SECRET_KEYS', 'BASE_URL', 'DATABASE_URL'])
  assert.deepEqual(blamed({ ...production, BASE_URL: 'http://id.example.com' }), ['BASE_URL'])
})

test('every faulty variable is named, also beside what is missing', () => {
  const given = { NODE_ENV: 'production', PORT: '70000', LOG_LEVEL: 'loud', TRUST_PROXY: 'x' }
  assert.deepEqual(blamed(given).sort(), [
    'BASE_URL',
    'DATABASE_URL',
    'LOG_LEVEL',
    'PORT',
    'SECRET_KEYS',
    'TRUST_PROXY',
  ])
})

test('an evaluation serves this machine only', () => {
  assert.deepEqual(blamed({ BASE_URL: 'https://id.example.com' }), ['BASE_URL'])
  assert.deepEqual(blamed({ BASE_URL: 'http://127.0.0.1.example.com' }), ['BASE_URL'])
  assert.deepEqual(blamed({ HOST: '0.0.0.0' }), ['HOST'])
  assert.deepEqual(blamed({ TRUST_PROXY: '10.0.0.0/8' }), ['TRUST_PROXY'])
  for (const host of ['localhost', '127.0.0.1', '::1'])
    assert.deepEqual(faultsOf({ HOST: host }), [])
  assert.deepEqual(faultsOf({ BASE_URL: 'http://[::1]:3000' }), [])
})

test('secrets that are short, repeated or known to everybody are refused, and never shown', () => {
  for (const bad of [
    'too-short-to-be-a-secret',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'change-me-change-me-change-me-change-me',
    `${secret},short-second-one`,
    `${secret},${secret}`,
  ]) {
    const faults = faultsOf({ ...production, SECRET_KEYS: bad })
    assert.equal(faults.length, 1, bad)
    assert.match(faults[0]!, /^SECRET_KEYS: /)
    assert.ok(!faults[0]!.includes(bad.split(',').at(-1)!))
  }
  const keys = loadEnv({ ...production, SECRET_KEYS: `${secret}, ${secret}-older` }).SECRET_KEYS
  assert.deepEqual(keys, [secret, `${secret}-older`])
})

test('the secret of the management client has to be a strong one in production', () => {
  for (const bad of [
    'hunter2-hunter2',
    'change-me-change-me-change-me-change-me',
    'é'.repeat(40),
  ]) {
    const faults = faultsOf({ ...production, MANAGEMENT_CLIENT_SECRET: bad })
    assert.equal(faults.length, 1, bad)
    assert.match(faults[0]!, /^MANAGEMENT_CLIENT_SECRET: /)
    assert.ok(!faults[0]!.includes(bad))
  }
  assert.deepEqual(faultsOf({ ...production, MANAGEMENT_CLIENT_SECRET: secret }), [])
  assert.deepEqual(faultsOf({ MANAGEMENT_CLIENT_SECRET: 'short' }), [])
  assert.equal(loadEnv({ MANAGEMENT_CLIENT_SECRET: '' }).MANAGEMENT_CLIENT_SECRET, undefined)
})

test('a faulty database address is not repeated, since it holds a password', () => {
  const faults = faultsOf({ ...production, DATABASE_URL: 'mysql://avouch:hunter2@db/avouch' })
  assert.match(faults.join(), /^DATABASE_URL: /)
  assert.ok(!faults.join().includes('hunter2'))
})

test('the public origin may not have a path', () => {
  assert.match(faultsOf({ BASE_URL: 'http://localhost/auth' }).join(), /http:\/\/localhost$/)
})

test('a misspelt mode does not start an evaluation', () => {
  assert.deepEqual(blamed({ NODE_ENV: 'prod' }), ['NODE_ENV'])
})

test('several processes need PostgreSQL', () => {
  assert.deepEqual(blamed({ WORKERS: '2' }), ['WORKERS'])
  assert.equal(loadEnv({ ...production, WORKERS: '2' }).WORKERS, 2)
})

test('two ports that are the same are refused, unless one of them can move', () => {
  assert.deepEqual(blamed({ PORT: '3001' }), [])
  assert.deepEqual(blamed({ PORT: '3001', DEMO_PORT: '3001' }), ['DEMO_PORT'])
  assert.deepEqual(blamed({ METRICS_PORT: '3001' }), ['METRICS_PORT'])
  assert.deepEqual(blamed({ ...production, PORT: '3002' }), ['METRICS_PORT'])
  assert.deepEqual(blamed({ ...production, PORT: '3001' }), [])
})

test('an empty variable counts as left out', () => {
  assert.equal(loadEnv({ PORT: '', DATABASE_URL: ' ' }).DATABASE_URL, undefined)
})

test('forwarding headers count from the named networks only', () => {
  const { TRUST_PROXY } = loadEnv({
    ...production,
    TRUST_PROXY: '10.1.0.0/16 2001:db8::/32,192.0.2.7',
  })
  const trusted = proxyTest(TRUST_PROXY)
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1', '192.0.2.7']) {
    assert.equal(trusted(address), true, address)
  }
  for (const address of [
    '10.2.0.1',
    '192.0.2.8',
    '2001:db9::1',
    '',
    'unknown',
    '10.1.2.3, 1.1.1.1',
  ]) {
    assert.equal(trusted(address), false, address)
  }
  assert.equal(proxyTest([])('127.0.0.1'), false)
})

test('a proxy has to be a network, and not everybody', () => {
  for (const bad of [
    'everyone',
    '10.0.0.0/33',
    '10.0.0.0/8/8',
    '10.0.0.0/x',
    '0.0.0.0/0',
    '::/0',
  ]) {
    assert.deepEqual(blamed({ ...production, TRUST_PROXY: bad }), ['TRUST_PROXY'], bad)
  }
})

test('a .env file is read, and the real environment goes before it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'avouch-env-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, '.env'), 'LOG_LEVEL="debug"\nPATH=from-the-file\n# a comment\n')
  const variables = environment(folder)
  assert.equal(variables.LOG_LEVEL, 'debug')
  assert.notEqual(variables.PATH, 'from-the-file')
  assert.equal(loadEnv(variables).LOG_LEVEL, 'debug')
  assert.doesNotThrow(() => environment(join(folder, 'nowhere')))
})
