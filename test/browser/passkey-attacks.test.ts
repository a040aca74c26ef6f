/** What others could do with an answer that a person's authenticator gives. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { type Visitor, visitor } from '../support/http.ts'
import { signIn } from './journeys.ts'
import { arrive, forget, passkeyOnly, server, shop, usePasskey, withPasskey } from './passkeys.ts'
import { withoutSuggestions } from './virtual-authenticator.ts'

/** A sign-in that somebody else has begun, at the page that asks who it is. */
const begin = async (): Promise<Visitor> => {
  const attacker = visitor(server)
  await attacker.open((await shop.authorize({ scope: 'openid' })).url)
  return attacker
}

const challengeOf = async (attacker: Visitor) => {
  const { get } = JSON.parse(
    (await attacker.copy().post(`${attacker.here().url}/passkey`, {})).html,
  )
  return get as { challenge: string; rpId: string }
}

const refused = async (attacker: Visitor, answer: string, words: RegExp) => {
  const page = await attacker.submit('verify/passkey', { passkey: answer })
  assert.equal(page.status, 422)
  assert.match(page.text, words)
  assert.equal(page.left, null)
}

/** What the page posts, which never arrives. */
const intercept = async (page: Page): Promise<string> => {
  const caught = Promise.withResolvers<string>()
  await page.route('**/verify/passkey', (route) => {
    const sent = new URLSearchParams(route.request().postData() ?? '')
    caught.resolve(sent.get('passkey') ?? '')
    return route.abort()
  })
  await usePasskey(page)
  const answer = await caught.promise
  await page.unroute('**/verify/passkey')
  return answer
}

/** Another origin of the same host: browsers give it the same passkeys. */
const otherOrigin = async (t: { after(work: () => void): void }): Promise<string> => {
  const other = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end('<title>Not the same</title>')
  })
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.after(() => other.close())
  return `http://localhost:${(other.address() as AddressInfo).port}/`
}

/** Asks for a passkey as any page could. */
const askOn = (page: Page, options: object): Promise<string> =>
  page.evaluate(`(async () => {
    const bytes = (text) => Uint8Array.from(
      atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    const options = ${JSON.stringify(options)}
    const found = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: [] } })
    const { id, type, response } = found.toJSON()
    return JSON.stringify({ id, type, response })
  })()`)

test('what a passkey answers on another origin signs nobody in', async (t) => {
  const { person } = await withPasskey(t, 'phished@example.com')
  const attacker = await begin()
  const options = await challengeOf(attacker)
  await person.page.goto(await otherOrigin(t))
  const answer = await askOn(person.page, options)
  await refused(attacker, answer, /That did not work with the passkey/)
})

test('what a passkey has answered signs in once, and nobody else', async (t) => {
  const { person } = await withPasskey(t, 'replayed@example.com')
  const { page } = person
  await forget(person)
  await withoutSuggestions(page)
  let sent = ''
  page.on('request', (request) => {
    if (!request.url().endsWith('/verify/passkey')) return
    sent = new URLSearchParams(request.postData() ?? '').get('passkey') ?? ''
  })
  await signIn(shop, page, passkeyOnly, usePasskey)
  assert.match(sent, /"signature"/)
  await refused(await begin(), sent, /That took too long/)
})

test('what was answered for one sign-in is worth nothing in another', async (t) => {
  const { person } = await withPasskey(t, 'foreign@example.com')
  const { page } = person
  await forget(person)
  await withoutSuggestions(page)
  await arrive(page)
  const answer = await intercept(page)
  assert.match(answer, /"signature"/)
  const attacker = await begin()
  await challengeOf(attacker)
  await refused(attacker, answer, /That took too long/)
})
