/** A server in production that bad input is thrown at, and what has to hold of it afterwards. */
import assert from 'node:assert/strict'
import { domainToASCII } from 'node:url'
import { type RelyingParty, relyingParty } from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import type { Category } from './corpus/contract.ts'
import { victim } from './corpus/emails.ts'
import { type Answer, judge, ofResponse, pooled, timed } from './judge.ts'
import { type Production, startProduction } from './production.ts'
import type { Sent, Site, Target } from './sites.ts'

export interface Attack extends Target {
  production: Production
  /** A third party's application. */
  other: RelyingParty
  /** Sends one value to one site; what is wrong with the answer. */
  send(site: Site, value: Sent): Promise<string[]>
  /**
   * Sends each value to each site; or, where there are many sites, to every `step`th of them.
   *
   * @throws AssertionError with everything that was wrong
   */
  sendAll(sites: readonly Site[], values: readonly Sent[], step?: number): Promise<void>
  /** Makes a request of one's own and judges its answer; what is wrong with it. */
  ask(where: string, path: string, how: Parameters<Target['server']['fetch']>[1]): Promise<string[]>
  /** @throws AssertionError unless every message went to one address, and none to a stranger */
  assertMessages(): void
  /** @throws AssertionError unless the log has whole lines only, and no failure among them */
  assertLog(): void
  /** How many requests were judged. */
  requests(): number
}

const grants = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
]
const atOnce = 6

export const valuesOf = (categories: readonly Category[]): Sent[] =>
  categories.flatMap(({ values, raw = [] }) => [
    ...values.map((text) => ({ text })),
    ...raw.map((bytes) => ({ raw: bytes })),
  ])

export async function startAttack(scope: Scope): Promise<Attack> {
  const shop = await relyingParty(scope)
  const other = await relyingParty(scope, {
    clientId: 'other',
    registration: { first_party: false, client_name: 'Other' },
  })
  const production = await startProduction(scope, {
    clients: [{ ...shop.registration, grant_types: grants }, other.registration],
    sign_in_experience: {
      identifiers: ['email', 'phone', 'username'],
      profile: ['name', 'username'],
    },
    codes: { tries: 10 },
    limits: {
      resend: [0],
      sends_per_hour: 1000,
      sends_per_day: 10_000,
      sends_per_address: 100_000,
      failures: 100,
    },
  })
  const { server, smtp, twilio } = production
  await shop.discover(server)
  await other.discover(server)
  let judged = 0

  const registered = [shop, other].flatMap((one) => [one.redirectUri, one.signedOutUri])
  const mayGo = (url: string): boolean =>
    registered.some((uri) => url === uri || url.startsWith(`${uri}?`) || url.startsWith(`${uri}#`))

  const judgeOne = (where: string, value: string, answer: Answer): string[] => {
    judged += 1
    return judge({ where, value, answer }, mayGo)
  }

  const send = async (site: Site, value: Sent): Promise<string[]> => {
    const text = 'raw' in value ? value.raw : value.text
    try {
      return judgeOne(site.name, text, await site.send(value))
    } catch (error) {
      return [`${site.name} ${JSON.stringify(text.slice(0, 80))}: ${error}`]
    }
  }

  return {
    production,
    server,
    shop,
    other,
    credentials: `Basic ${Buffer.from(`shop:${shop.registration.client_secret}`).toString('base64')}`,
    requests: () => judged,
    send,

    async sendAll(sites, values, step = 1) {
      const found: string[] = []
      await pooled([...sites.entries()], atOnce, async ([at, site]) => {
        for (const [index, value] of values.entries()) {
          if ((index + at) % step === 0) found.push(...(await send(site, value)))
        }
      })
      assert.deepEqual(found, [])
    },

    async ask(where, path, how) {
      try {
        const answer = await timed(async () =>
          ofResponse(await server.fetch(`${server.baseUrl}${path}`, how), server.baseUrl),
        )
        return judgeOne(where, '', answer)
      } catch (error) {
        return [`${where}: ${error}`]
      }
    },

    assertMessages() {
      for (const { recipients, raw, mail } of smtp.received) {
        assert.equal(recipients.length, 1, recipients.join())
        // The server of the test shows an international domain in its own script.
        const [local, domain = ''] = recipients[0]!.split('@')
        const address = `${local}@${domainToASCII(domain)}`
        assert.match(address, /^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]{3,253}$/i)
        assert.ok(!address.endsWith(victim), address)
        const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
        const fields = head.match(/^(?:to|cc|bcc|resent-[a-z]+):/gim) ?? []
        assert.deepEqual(fields, ['To:'])
        assert.deepEqual(
          mail.to?.map((to) => to.address),
          [address],
        )
        assert.doesNotMatch(raw, /@victim|injected/i)
      }
      for (const { form } of twilio.asked) {
        const fields = ['Body', 'MessagingServiceSid', 'StatusCallback', 'To']
        assert.deepEqual(Object.keys(form).sort(), fields)
        assert.equal(new URL(form.StatusCallback!).origin, server.baseUrl)
        assert.match(form.To!, /^\+[1-9]\d{6,14}$/)
        assert.doesNotMatch(form.To!, /^\+(1900|979|88[123]|800|808|870)/)
      }
    },

    assertLog() {
      for (const line of server.log()) {
        assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]/u)
        const entry = JSON.parse(line) as { level: number; msg: string }
        assert.notEqual(entry.msg, 'forged')
        assert.ok(entry.level < 50, line)
      }
    },
  }
}
