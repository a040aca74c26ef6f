import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { type Production, startProduction } from './production.ts'

const shop = await relyingParty({ after })
const config = {
  clients: [shop.registration],
  limits: { sends_per_address: 3, resend: [0] },
}
const trusting = await startProduction({ after }, config)
const alone = await startProduction({ after }, config, { env: { TRUST_PROXY: undefined } })

let number = 150
/** Asks for a code for a number that nobody has asked for, from an address that the headers tell. */
const askForCode = async ({ server }: Production, headers: Record<string, string>) => {
  await shop.discover(server)
  const person = visitor(server, headers)
  await person.open((await shop.authorize()).url)
  return (await person.submit('identify', { identifier: `+12015550${number++}` })).status
}

const from = (address: string) => ({ 'x-forwarded-for': address })

test('behind a proxy that is trusted, each address that it names has its own budget', async () => {
  const asked = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8:1::1', '2001:db8:2::1']
  for (const address of asked) assert.equal(await askForCode(trusting, from(address)), 200, address)
})

test('behind a proxy that is trusted, what comes before its own word counts for nothing', async () => {
  const statuses: number[] = []
  for (let i = 1; i <= 5; i++) {
    statuses.push(await askForCode(trusting, from(`10.${i}.0.1, 8.8.${i}.8, 192.0.2.77`)))
  }
  // One was asked for from this network above.
  assert.deepEqual(statuses, [200, 200, 429, 429, 429])
})

test('one network counts as one visitor', async () => {
  const statuses: number[] = []
  for (let i = 1; i <= 4; i++) statuses.push(await askForCode(trusting, from(`2001:db8:9::${i}`)))
  assert.deepEqual(statuses, [200, 200, 200, 429])
})

test('what is no address is passed over', async () => {
  const statuses: number[] = []
  for (const junk of ['unknown', '_hidden', '<script>', '999.1.1.1.1.1', "' or 1=1--"]) {
    statuses.push(await askForCode(trusting, from(`${junk}, 198.18.0.9`)))
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429])
})

test('without a proxy that is trusted, no header changes the address that is counted', async () => {
  const statuses: number[] = []
  for (let i = 1; i <= 5; i++) {
    const lies = {
      'x-forwarded-for': `203.0.${i}.1`,
      'x-real-ip': `203.0.${i}.1`,
      forwarded: `for=203.0.${i}.1`,
      'cf-connecting-ip': `203.0.${i}.1`,
      'true-client-ip': `203.0.${i}.1`,
    }
    statuses.push(await askForCode(alone, lies))
  }
  assert.deepEqual(statuses, [200, 200, 200, 429, 429])
})

test('without a proxy that is trusted, the host is the one that was asked for', async () => {
  const { server } = alone
  const url = `${server.issuer}/.well-known/openid-configuration`
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
  const ignored = await server.fetch(url, { headers })
  assert.equal(ignored.status, 200)
  assert.ok(!(await ignored.text()).includes('evil'))
  const internal = { host: '10.0.0.7:3000', 'x-forwarded-host': 'id.example.com' }
  assert.equal((await server.fetch(url, { headers: internal })).status, 421)
})

test('an address that was told by a header is in no log without a proxy that is trusted', () => {
  assert.doesNotMatch(alone.server.output(), /203\.0\.\d/)
})
