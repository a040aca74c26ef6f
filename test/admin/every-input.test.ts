/** What every operation of the management API makes of input that is not as it should be. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTwilio } from '../support/twilio-double.ts'
import { receiver } from '../webhooks/receiver.ts'
import { type Answer, accessToken, apiOf, ops, program, startManaged } from './api.ts'
import { asksOf } from './every-ask.ts'
import { making, type Route, routesOf, send, takes } from './every-route.ts'
import { sqlOf } from './people.ts'

const server = await startManaged({ after }, { config: { clients: [program('second')] } })
const api = await ops(server)
const second = apiOf(server, await accessToken(server, 'second'))
const sql = sqlOf({ after }, server)
const make = making({
  api,
  sql,
  twilioUrl: (await startTwilio({ after })).baseUrl,
  receiverUrl: (await receiver({ after })).url,
})
const asks = asksOf(make)
const routes = await routesOf(api)
const askOf = async ({ id }: Route) => asks[id]!()

const pathsIn = ({ body }: Answer): string[] =>
  (body.errors ?? []).map(({ path }: { path: string }) => path)
const told = (route: Route, { status, body }: Answer) =>
  `${route.method} ${route.path}: ${status} ${JSON.stringify(body).slice(0, 200)}`

/** Goes into the path as it is. */
const raw = (text: string): string => `raw:${text}`

const writes = routes.filter(({ method }) => method !== 'GET')
const withBody = writes.filter(
  ({ requestBody }) => requestBody?.content['application/json']?.schema,
)
const withoutBody = writes.filter(
  ({ method, requestBody }) => method === 'POST' && requestBody === undefined,
)
const lists = routes.filter((route) => takes(route, 'query', 'cursor'))
const versioned = writes.filter((route) => takes(route, 'header', 'If-Match'))

test('members that nobody knows are refused everywhere, and named', async () => {
  assert.ok(withBody.length > 20 && withoutBody.length > 5)
  for (const route of withBody) {
    const ask = await askOf(route)
    const answer = await send(api, route, { ...ask, body: { ...ask.body, isAdmin: true } })
    assert.equal(answer.status, 422, told(route, answer))
    assert.deepEqual(pathsIn(answer), ['isAdmin'], told(route, answer))
  }
  for (const route of withoutBody) {
    const ask = await askOf(route)
    const answer = await send(api, route, { ...ask, body: { isAdmin: true } })
    assert.deepEqual(pathsIn(answer), ['isAdmin'], told(route, answer))
  }
})

test('members that every object has are members that nobody knows', async () => {
  for (const route of withBody) {
    const ask = await askOf(route)
    const text = JSON.stringify(ask.body).slice(0, -1)
    const comma = text === '{' ? '' : ','
    for (const name of ['__proto__', 'constructor', 'prototype', 'toString']) {
      const body = `${text}${comma}"${name}":{"isAdmin":true}}`
      const answer = await send(api, route, { ...ask, body: body as unknown as object })
      assert.ok([400, 422].includes(answer.status), `${name} ${told(route, answer)}`)
    }
    for (const body of ['[]', '"text"', '1', '{"a":', '']) {
      const answer = await send(api, route, { ...ask, body: body as unknown as object })
      assert.ok([400, 422].includes(answer.status) || body === '', told(route, answer))
      assert.ok(answer.status < 500, told(route, answer))
    }
  }
})

test('a question that nobody knows, or that is asked twice, is refused everywhere', async () => {
  for (const route of routes) {
    const ask = await askOf(route)
    const query = ask.query ? `${ask.query}&` : ''
    const answer = await send(api, route, { ...ask, query: `${query}isAdmin=true` })
    assert.deepEqual([answer.status, pathsIn(answer)], [422, ['isAdmin']], told(route, answer))
    for (const { name, in: where } of route.parameters) {
      if (where !== 'query') continue
      const twice = await send(api, route, { ...ask, query: `${name}=1&${name}=1` })
      assert.ok(pathsIn(twice).includes(name), `${name} ${told(route, twice)}`)
    }
  }
})

test('whatever a path or a question holds, it stays a text', async () => {
  const texts = [
    ...['%00', '%ff', '%ED%A0%80', '%F0%9F%98%80', '%0d%0aX-Injected:%201', '%27--', '%25', '%5c'],
    ...['..%2f..%2fadmin', '%7b%7d', '-1', '1e9', 'NaN', '9'.repeat(30), 'a'.repeat(2000)],
  ]
  for (const route of routes) {
    const ask = await askOf(route)
    for (const text of texts) {
      const asked = [
        ...(ask.path ?? []).map((_, at) => ({ ...ask, path: ask.path!.with(at, raw(text)) })),
        ...route.parameters
          .filter(({ in: where }) => where === 'query')
          .map(({ name }) => ({ ...ask, query: `${name}=${text}` })),
      ]
      for (const each of asked) {
        const answer = await send(api, route, each)
        assert.ok(answer.status < 500, `${text} ${told(route, answer)}`)
        assert.equal(answer.headers.get('x-injected'), null)
      }
    }
  }
})

interface Schema {
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
}

/** A text in every place where a body may hold one, and where it may not. */
function* withText(schema: Schema, text: string): Generator<unknown> {
  yield text
  yield { [text]: text }
  for (const [name, each] of Object.entries(schema.properties ?? {})) {
    for (const inner of withText(each, text)) yield { [name]: inner }
  }
  for (const inner of schema.items ? withText(schema.items, text) : []) yield [inner]
  for (const each of schema.anyOf ?? []) yield* withText(each, text)
}

test('whatever a text in a body holds, it is taken or refused', async () => {
  for (const route of withBody) {
    const schema = route.requestBody!.content['application/json']!.schema as Schema
    for (const text of ['a\0b', 'a\ud800b']) {
      for (const [name, each] of Object.entries(schema.properties ?? {})) {
        const ask = await askOf(route)
        for (const value of withText(each, text)) {
          const answer = await send(api, route, { ...ask, body: { ...ask.body, [name]: value } })
          const place = `${JSON.stringify({ [name]: value })} ${told(route, answer)}`
          assert.ok(answer.status < 500, place)
        }
      }
    }
  }
})

test('a cursor that was tampered with is refused, or is the place of some other page', async () => {
  const cursorOf = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url')
  const never = ['x', '', '%22', 'null', cursorOf(null), cursorOf({}), cursorOf([]), cursorOf('1')]
  const hostile: unknown[] = [
    ...["' or 1=1 --", 'a\0', '\ud800', '9'.repeat(400), 'NaN', '-1', '1e3', '%', '\\'],
    ...[1e300, -1, 1.5, 2 ** 53, null, true, [], {}, { toString: 1 }],
  ]
  const made = hostile.flatMap((part) => [[part], [part, part], [part, part, part], ['1', part]])
  assert.ok(lists.length >= 10, lists.map(({ id }) => id).join())
  for (const route of lists) {
    const ask = await askOf(route)
    const at = (cursor: string) => send(api, route, { ...ask, query: `cursor=${cursor}` })
    for (const cursor of never) {
      const answer = await at(cursor)
      assert.deepEqual([answer.status, pathsIn(answer)], [422, ['cursor']], told(route, answer))
    }
    for (const key of made) {
      const answer = await at(cursorOf(key))
      assert.ok([200, 422].includes(answer.status), `${JSON.stringify(key)} ${told(route, answer)}`)
    }
    const longest = await at('a'.repeat(1025))
    assert.equal(longest.status, 422, told(route, longest))
  }
})

test('a change to a version that is gone is not made, wherever there are versions', async () => {
  assert.ok(versioned.length > 20, versioned.map(({ id }) => id).join())
  for (const route of versioned) {
    const ask = await askOf(route)
    const stale = await send(api, route, ask, { 'if-match': '"999999"' })
    assert.deepEqual([stale.status, stale.body.code], [412, 'version_changed'], told(route, stale))
    for (const header of ['999999', 'W/"1"', '"1", "2"', '"-1"', '"x"', '"9999999999"']) {
      const answer = await send(api, route, ask, { 'if-match': header })
      assert.equal(answer.status, 400, `${header} ${told(route, answer)}`)
    }
    const whatever = await send(api, route, ask, { 'if-match': '*' })
    assert.equal(whatever.status, route.status, told(route, whatever))
  }
})

test('where there are no versions, whoever asks for one is told', async () => {
  const others = writes.filter((route) => !versioned.includes(route))
  for (const route of others) {
    const answer = await send(api, route, await askOf(route), { 'if-match': '"1"' })
    assert.deepEqual([answer.status, answer.body.code], [400, 'bad_request'], told(route, answer))
  }
})

test('whatever is posted twice with one key is done once, and answered the same', async () => {
  const noted = async () =>
    (
      await sql<{ count: number }>(
        `select count(*)::int as count from audit_events where actor_id = 'second'
            and event <> 'work.finished'`,
      )
    )[0]!.count
  const posts = routes.filter((route) => takes(route, 'header', 'Idempotency-Key'))
  for (const route of posts) {
    const ask = await askOf(route)
    const key = { 'idempotency-key': `once-${route.id}` }
    const first = await send(second, route, ask, key)
    assert.equal(first.status, route.status, told(route, first))
    const before = await noted()
    const again = await send(second, route, ask, key)
    assert.deepEqual([again.status, again.body], [first.status, first.body], told(route, again))
    assert.equal(await noted(), before, `${route.id} is not done again`)

    const other = await askOf(route)
    if (JSON.stringify(other) === JSON.stringify(ask)) continue
    const reused = await send(second, route, other, key)
    assert.equal(reused.body.code, 'idempotency_key_reused', told(route, reused))
  }
})

test('every answer is for nobody else, and no page of another site reads it', async () => {
  for (const route of routes.filter(({ method }) => method === 'GET')) {
    const { headers, status } = await send(api, route, await askOf(route), {
      origin: 'https://elsewhere.example',
    })
    assert.equal(status, 200, route.id)
    assert.match(headers.get('cache-control') ?? '', /no-store/, route.id)
    assert.equal(headers.get('access-control-allow-origin'), null, route.id)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', route.id)
  }
})

test('no header and no parameter turns one method into another', async () => {
  const id = await make.person()
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    assert.equal(
      (await api.call('GET', `/users/${id}`, undefined, { [name]: 'DELETE' })).status,
      200,
    )
    const posted = await api.call('POST', `/users/${id}`, {}, { [name]: 'DELETE' })
    assert.equal(posted.status, 405)
  }
  assert.equal((await api.call('GET', `/users/${id}?_method=DELETE`)).status, 422)
  assert.equal((await api.call('TRACE', `/users/${id}`)).status, 405)
  assert.equal((await api.call('GET', `/users/${id}`)).status, 200)
})

test('of all of that nothing was an error of ours', () => {
  for (const line of server.log().filter((each) => each.startsWith('{'))) {
    const { level } = JSON.parse(line) as { level: number }
    assert.ok(level < 50, line)
  }
})
