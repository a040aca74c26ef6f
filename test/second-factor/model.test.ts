/**
 * Whatever somebody does in whatever order, in two tabs of one browser: nobody comes in without a proof
 * of theirs on record, nothing breaks, and from everywhere there is a way on.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { accessToken, apiOf, program } from '../admin/api.ts'
import { generous } from '../flows/site.ts'
import type { Visit } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { softAuthenticator } from '../support/soft-passkeys.ts'
import { type Browser, openBrowser, type World } from './browser.ts'
import { pageOf } from './member.ts'
import { walks } from './walk.ts'

const scope = { after }
const parties = [
  await relyingParty(scope),
  await relyingParty(scope, { clientId: 'strict', registration: { second_factor: 'required' } }),
]
const server = await startServer(scope, {
  kind: 'embedded',
  config: {
    limits: { ...generous, failures: 100, sends_per_address: 100_000 },
    codes: { tries: 10 },
    clients: [...parties.map(({ registration }) => registration), program('ops')],
    recovery: { reset: 'approval' },
    sign_in_experience: {
      identifiers: ['email', 'phone'],
      methods: ['email-link', 'email-code', 'sms-code', 'password', 'passkey'],
      profile: [],
      registration: 'open',
    },
  },
})
for (const party of parties) await party.discover(server)
const world: World = {
  server,
  parties,
  api: apiOf(server, await accessToken(server, 'ops')),
  device: softAuthenticator({ origin: new URL(server.baseUrl).origin }),
}

interface Logged {
  interaction: string | null
  method: string
  user: string | null
}

const logged = async (query: Record<string, string>): Promise<Logged[]> => {
  const { status, body } = await world.api.call(
    'GET',
    `/audit?${new URLSearchParams({ ...query, limit: '100' })}`,
  )
  assert.equal(status, 200)
  return body.data
}

/** Proofs of somebody, as the log has them: also those that their account was then made for. */
const proofsOf = async (user: string): Promise<Logged[]> => {
  const event = 'verification.succeeded'
  const own = await logged({ user, event })
  const [made] = await logged({ user, event: 'user.created' })
  const before = made?.interaction ? await logged({ interaction: made.interaction, event }) : []
  return [...own, ...before.filter((proof) => proof.user === null)]
}

const amrOf: Record<string, readonly string[]> = {
  'email-code': ['otp', 'email'],
  'email-link': ['email'],
  'sms-code': ['otp', 'sms'],
  password: ['pwd'],
  totp: ['otp'],
  'backup-code': ['otp'],
  passkey: ['hwk', 'user'],
}

/** Whoever is back with a code is somebody who has proven what the tokens say. */
async function assertProven(browser: Browser, left: string): Promise<void> {
  const answer = new URL(left).searchParams
  const known = browser.requests.get(answer.get('state') ?? '')
  assert.ok(known, `An answer that nobody asked for: ${left}`)
  if (!answer.has('code')) return
  const { request, party } = known
  const claims = (await party.exchange(request, left)).claims()!
  const proofs = await proofsOf(claims.sub)
  const methods = new Set(proofs.map(({ method }) => method))
  const provable = new Set([...methods].flatMap((method) => amrOf[method] ?? []))
  const amr = (claims.amr as string[]).filter((value) => value !== 'mfa')
  assert.ok(amr.length > 0, 'nothing was proven')
  for (const value of amr) assert.ok(provable.has(value), `${value}: ${[...methods]}`)
  // A password alone is never enough here, nor anything alone at the strict one.
  const alone = amr.every((value) => value === 'pwd')
  assert.ok(!alone, 'a password alone')
  const whole = methods.size > 1 || methods.has('passkey')
  if (party === parties[1]) assert.ok(whole, `only ${[...methods]}`)
  if (claims.acr === 'phr') assert.ok(amr.includes('hwk'), `phr of ${amr}`)
  if (claims.acr === 'aal2') assert.ok(amr.includes('pwd') && amr.length > 1, `aal2 of ${amr}`)
}

/** There is something to press or to follow, or the application has its answer. */
const goesOn = ({ left, forms, html }: Visit): boolean =>
  left !== null ||
  forms.some(({ action }) => new URL(action).pathname.startsWith('/interaction/')) ||
  /<a[^>]* href="\/interaction\//.test(html)

async function check(browser: Browser, visit: Visit | null): Promise<void> {
  if (!visit) return
  assert.ok(visit.status < 500, `${visit.status} ${visit.url}: ${visit.text}`)
  assert.ok(goesOn(visit), `A dead end: ${visit.status} ${visit.url}: ${visit.text}`)
  if (visit.left) await assertProven(browser, visit.left)
}

/** From wherever it is, each tab comes to an end, with its owner in front of it. */
async function finish(browser: Browser): Promise<void> {
  for (const tab of browser.tabs) {
    if (!browser.isOpen(tab)) continue
    const pages: string[] = []
    while (!tab.here().left) {
      pages.push(pageOf(tab.here()))
      assert.ok(pages.length < 25, `It goes on and on: ${pages.join(' ')}: ${tab.here().text}`)
      const visit = await browser.answer(tab)
      // The app’s codes of this minute are used up: one waits for the next.
      if (!visit) break
      await check(browser, visit)
    }
  }
}

test('nobody comes in unproven, nothing breaks and there is always a way on', async () => {
  let walked = 0
  await fc.assert(
    fc.asyncProperty(walks, async (events) => {
      const browser = await openBrowser(world)
      await check(browser, await browser.step({ do: 'arrive', tab: 0, ask: 0, at: 0 }))
      for (const event of events) await check(browser, await browser.step(event))
      await finish(browser)
      walked += 1
    }),
    // A failure prints its seed and path: give them here to see it again.
    { numRuns: 150, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  )
  assert.ok(walked > 0)
})
