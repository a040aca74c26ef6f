import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { skewOf } from '#src/admin/doctor/database.ts'
import { environmentFindings } from '#src/admin/doctor/environment.ts'
import { issuerFinding } from '#src/admin/doctor/issuer.ts'
import { machineFindings } from '#src/admin/doctor/machine.ts'
import { mailFindings } from '#src/admin/doctor/mail.ts'
import { temporaryFolder } from '../support/folders.ts'

const root = join(import.meta.dirname, '../..')
const codes = (found: readonly { code: string; state: string }[]) =>
  found.map(({ code, state }) => `${state} ${code}`)

const refuse = (code: string) => Promise.reject(Object.assign(new Error(code), { code }))
const dns =
  (zone: Record<string, string[]>, otherwise = 'ENOTFOUND') =>
  (name: string) =>
    zone[name] ? Promise.resolve(zone[name]) : refuse(otherwise)

test('a mail domain is told what it lacks, by what DNS says', async () => {
  assert.deepEqual(codes(await mailFindings('shop.example', dns({}))), [
    'advice mail.no-spf',
    'advice mail.no-dmarc',
    'skipped mail.dkim-unknown',
  ])
  const whole = dns({
    'mail.shop.example': ['google-site-verification=x', 'v=spf1 include:_spf.example -all'],
    '_dmarc.shop.example': ['v=DMARC1; p=reject'],
    's1._domainkey.mail.shop.example': ['v=DKIM1; k=rsa; p=MIIB'],
  })
  assert.deepEqual(codes(await mailFindings('mail.shop.example', whole)), [
    'ok mail.spf',
    'ok mail.dmarc',
    'ok mail.dkim',
  ])
})

test('without DNS nothing is said of a mail domain but that', async () => {
  for (const code of ['ECONNREFUSED', 'ETIMEOUT', 'ESERVFAIL', 'ECANCELLED']) {
    assert.deepEqual(codes(await mailFindings('shop.example', dns({}, code))), [
      'skipped mail.offline',
    ])
  }
})

test('the public address is right when discovery answers there as this issuer', async () => {
  const base = 'https://id.example.com'
  const look = async (answer: () => Promise<Response>, from: 'server' | 'operator' = 'operator') =>
    codes([await issuerFinding(base, from, answer)])[0]
  const json = (issuer: unknown) => async () => Response.json({ issuer })
  assert.equal(await look(json(`${base}/oidc`)), 'ok issuer.answers')
  assert.equal(await look(json('https://other.example/oidc')), 'fault issuer.other')
  assert.equal(await look(async () => new Response('<html>')), 'fault issuer.other')
  assert.equal(await look(async () => new Response('', { status: 421 })), 'fault issuer.status')
  assert.equal(await look(async () => new Response('', { status: 302 })), 'fault issuer.status')
  assert.equal(await look(() => refuse('ENOTFOUND')), 'fault issuer.unreachable')
  assert.equal(await look(() => refuse('ENOTFOUND'), 'server'), 'advice issuer.not-from-here')
})

test('two clocks are as far apart as can be told from one look', () => {
  assert.equal(skewOf(1000, 1500, 2000), 0)
  assert.equal(skewOf(1000, 9000, 2000), 7000)
  assert.equal(skewOf(9000, 1000, 9500), 8000)
})

test('production is advised to name its proxy, and to take fixed codes out', () => {
  const env = { production: true, BASE_URL: 'https://id.example.com', TRUST_PROXY: [] as string[] }
  assert.deepEqual(codes(environmentFindings(env, 2)), [
    'ok environment.production',
    'advice environment.no-proxy',
    'advice environment.test-identifiers',
  ])
  assert.deepEqual(codes(environmentFindings({ ...env, TRUST_PROXY: ['10.0.0.0/8'] }, 0)), [
    'ok environment.production',
  ])
})

test('a folder that is not there, or is not used, is told from one that is', async () => {
  const folder = await temporaryFolder('doctor')
  const [data] = await machineFindings({ folder })
  assert.equal(data!.code, 'data.writable')
  const [gone] = await machineFindings({ folder: join(folder, 'gone') })
  assert.equal(gone!.code, 'data.unwritable')
  assert.equal((await machineFindings({ folder: null }))[0]!.code, 'data.unused')
})

test('every finding has words, and every fault a sentence that mends it', () => {
  const words = JSON.parse(readFileSync(join(root, 'views/locales/en/admin-doctor.json'), 'utf8'))
  const folder = join(root, 'src/admin/doctor')
  let seen = 0
  for (const name of readdirSync(folder)) {
    const code = readFileSync(join(folder, name), 'utf8')
    const checks = new Map(
      [...code.matchAll(/const (\w+) = findingOf\('([\w-]+)'\)/g)].map(([, is, of]) => [is, of]),
    )
    const made = /\b(\w+)\((?:[\w.]+ \? )?'(ok|advice|fault|skipped)'(?: : '\w+')?,\s*'([\w-]+)'/g
    for (const [, is = '', state = '', what] of code.matchAll(made)) {
      const key = `${checks.get(is)}-${what}`
      seen += 1
      assert.ok(words[`says-${key}`], key)
      assert.ok(words[`title-${checks.get(is)}`], key)
      const needs = state === 'fault' || state === 'advice'
      assert.equal(words[`mend-${key}`] !== undefined, needs, key)
    }
  }
  assert.equal(seen, Object.keys(words).filter((key) => key.startsWith('says-')).length)
})
