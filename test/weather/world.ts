/**
 * A small closed world: people who sign in again and again while the server is killed under them,
 * an attacker who never knows a code, and what each of them was told.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Visit, type Visitor, visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { type RelyingParty, relyingParty, type Tokens } from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import { type Server, type ServerOptions, startServer } from '../support/server.ts'

const people = ['ada', 'bob', 'eve', 'kim', 'lea', 'max']
const victim = 'victim@example.com'
/** How many of the older things are looked at again. */
const sample = 60
const patienceMs = 15_000

/** Something that a person was told, and may therefore rely on. */
type Promised =
  | { what: 'session'; email: string; browser: Visitor }
  | { what: 'tokens'; email: string; party: RelyingParty; tokens: Tokens }

export interface World {
  server: Server
  /** Who was told to be whom: the `sub` of each address. */
  accounts: ReadonlyMap<string, string>
  /** Everyone signs in until the server is gone. Whatever else goes wrong is thrown. */
  live(): Promise<void>
  /** Resolves when this many things more have been promised. */
  promised(more: number): Promise<void>
  /** Everyone signs in once, the server being well. */
  everyoneSignsIn(): Promise<void>
  /** Asserts that what was promised since the last look still holds; `all` looks at older things too. */
  keepsItsWord(what?: 'all'): Promise<void>
}

/** The server is gone: nobody was told anything. */
const isCut = (error: unknown): boolean => {
  const { code, cause } = error as { code?: string; cause?: unknown }
  if (['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String(code))) return true
  return cause !== undefined && isCut(cause)
}

export async function populate(scope: Scope, options: ServerOptions): Promise<World> {
  const shop = await relyingParty(scope)
  const app = await relyingParty(scope, { clientId: 'app', clientSecret: null })
  const server = await startServer(scope, {
    ...options,
    config: {
      clients: [shop.registration, app.registration],
      sign_in_experience: { profile: [] },
      limits: { resend: [0], sends_per_hour: 1000, sends_per_day: 1000 },
    },
  })
  await shop.discover(server)
  await app.discover(server)
  const mail = inbox(server)
  const accounts = new Map<string, string>()
  const kept: Promised[] = []
  let fresh: Promised[] = []

  const known = (email: string, sub: string) => {
    assert.equal(accounts.get(email) ?? sub, sub, `${email} keeps its account`)
    accounts.set(email, sub)
  }

  /** The code of another sign-in, from before the last kill, may come as late as ours. */
  const giveCode = async (browser: Visitor, email: string, asked: Date): Promise<Visit> => {
    const tried = new Set<string>()
    for (;;) {
      await mail.messageFor(email, asked)
      for (const { id, code, createdAt } of await mail.messages(email)) {
        if (new Date(createdAt) <= asked || tried.has(id)) continue
        tried.add(id)
        const page = await browser.submit('verify/email-code', { code: code! })
        if (page.status !== 422) return page
      }
      assert.ok(Date.now() - asked.getTime() < patienceMs, `No code for ${email} was right`)
      await sleep(20)
    }
  }

  const signIn = async (email: string, party: RelyingParty): Promise<void> => {
    const browser = visitor(server)
    const request = await party.authorize({
      scope: 'openid offline_access',
      ...(party === app ? { prompt: 'consent' } : {}),
    })
    await browser.open(request.url)
    const asked = new Date()
    await browser.submit('identify', { identifier: email })
    const page = await giveCode(browser, email, asked)
    const { left } = page.left ? page : await browser.submit('consent', { decision: 'allow' })
    assert.ok(left, `${page.status} ${page.url} ${page.text}`)
    fresh.push({ what: 'session', email, browser: browser.copy() })

    const tokens = await party.exchange(request, left)
    known(email, tokens.claims()!.sub)
    if (party === shop) fresh.push({ what: 'tokens', email, party, tokens })
    else await rotate(email, tokens)
  }

  /** Of tokens that rotate only the last that came back is worth anything. */
  const rotate = async (email: string, first: Tokens): Promise<void> => {
    let tokens = first
    for (const _ of [1, 2, 3]) tokens = await app.refresh(tokens)
    fresh.push({ what: 'tokens', email, party: app, tokens })
  }

  const guess = async (): Promise<void> => {
    const browser = visitor(server)
    await browser.open((await shop.authorize()).url)
    await browser.submit('identify', { identifier: victim })
    for (const code of ['000000', '123456', '999999']) {
      const { left, status } = await browser.submit('verify/email-code', { code })
      assert.equal(left, null)
      assert.ok(status === 422 || status === 429, `${status}`)
    }
  }

  const untilCut = async (work: () => Promise<void>): Promise<void> => {
    try {
      for (;;) await work()
    } catch (error) {
      if (!isCut(error)) throw error
    }
  }

  const holds = async (promised: Promised): Promise<void> => {
    const { email } = promised
    if (promised.what === 'tokens') {
      const { party, tokens } = promised
      assert.equal((await party.userinfo(tokens)).sub, accounts.get(email))
      promised.tokens = await party.refresh(tokens)
      return
    }
    const request = await shop.authorize({ prompt: 'none' })
    const { left } = await promised.browser.open(request.url)
    const tokens = await shop.exchange(request, left!)
    known(email, tokens.claims()!.sub)
  }

  return {
    server,
    accounts,
    async live() {
      await Promise.all([
        ...people.map((name, index) =>
          untilCut(() => signIn(`${name}@example.com`, index % 3 ? shop : app)),
        ),
        untilCut(async () => {
          await guess()
          await sleep(100)
        }),
      ])
    },
    async everyoneSignsIn() {
      for (const name of people) await signIn(`${name}@example.com`, shop)
    },
    async promised(more) {
      const wanted = fresh.length + more
      while (fresh.length < wanted) await sleep(5)
    },
    async keepsItsWord(what) {
      const older = what === 'all' ? kept.toSorted(() => Math.random() - 0.5) : []
      for (const promised of [...fresh, ...older.slice(0, sample)]) await holds(promised)
      kept.push(...fresh)
      fresh = []
    },
  }
}
