import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createDatabase } from '../support/fresh-database.ts'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { loopbackFetch } from '../support/loopback.ts'
import { relyingParty } from '../support/relying-party.ts'
import { type Server, startServer } from '../support/server.ts'
import { tcpFront } from '../support/tcp-front.ts'

const patienceMs = 20_000

/** Asks again and again until the answer is as wanted. */
async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > deadline) throw new Error(`It stayed at ${String(answer)}`)
    await sleep(50)
  }
}

const probe = async ({ metricsAddress }: Server, path: string) =>
  loopbackFetch(metricsAddress)(`${metricsAddress}${path}`)

const readiness = (server: Server) => () =>
  probe(server, '/readyz').then(
    ({ status }) => status,
    () => 0,
  )

async function launch(t: TestContext, workers: number) {
  const shop = await relyingParty(t)
  const server = await startServer(t, {
    workers,
    config: { clients: [shop.registration], sign_in_experience: { profile: [] } },
    env: { LOG_LEVEL: 'info' },
  })
  await shop.discover(server)
  const client = new pg.Client(server.databaseUrl!)
  client.on('error', () => {})
  await client.connect()
  t.after(() => client.end())
  return { shop, server, client }
}

/** Requests wait for a table that is locked meanwhile, as if the database were slow. */
async function slowly<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  await client.query('lock table sign_ins in access exclusive mode')
  try {
    return await work()
  } finally {
    await client.query('rollback')
  }
}

/** Until a request waits for that table, and so has begun. */
const untilBegun = (client: pg.Client) =>
  eventually(
    () =>
      client.query(`select from pg_locks where not granted and relation = 'sign_ins'::regclass`),
    ({ rowCount }) => rowCount! > 0,
  )

for (const workers of [1, 2]) {
  test(`SIGTERM lets ${workers} process(es) answer what has begun, then all ends in good order`, async (t) => {
    const { shop, server, client } = await launch(t, workers)
    const people = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const person = visitor(server)
        await person.open((await shop.authorize()).url)
        return person
      }),
    )
    assert.equal(await readiness(server)(), 200)

    const asked = await slowly(client, async () => {
      const under = people.map((person) => person.open(person.here().url))
      await untilBegun(client)
      await sleep(150)
      const ended = server.stop().then(() => Date.now())
      // Not until it says so: on a busy machine that may take longer than requests wait for a lock.
      await sleep(150)
      return { under, ended }
    })
    await eventually(readiness(server), (status) => status !== 200)
    const pages = await Promise.all(asked.under)
    assert.deepEqual(new Set(pages.map(({ status }) => status)), new Set([200]))
    await asked.ended
    await assert.rejects(server.fetch(`${server.issuer}/jwks`), 'nobody listens any more')
  })
}

test('a connection that is kept open is told to end, so that nothing is cut off', async (t) => {
  const { shop, server, client } = await launch(t, 1)
  const person = visitor(server)
  await person.open((await shop.authorize()).url)
  const { hostname, port, pathname } = new URL(person.here().url.replace('localhost', '127.0.0.1'))
  const headers = {
    host: new URL(server.baseUrl).host,
    cookie: person.jar.header(new URL(person.here().url)),
    connection: 'keep-alive',
  }
  const answered = Promise.withResolvers<string | undefined>()
  const begun = performance.now()
  await slowly(client, async () => {
    request({ hostname, port, path: pathname, headers }, (answer) => {
      answer.resume().on('end', () => answered.resolve(answer.headers.connection))
    }).end()
    await untilBegun(client)
    void server.stop()
    await sleep(300)
  })
  await answered.promise
  await eventually(readiness(server), (status) => status === 0)
  assert.ok(performance.now() - begun < 15_000, 'nobody waited for a connection to time out')
})

test('SIGTERM ends it in good order also while the database does not answer', async (t) => {
  const { url, drop } = await createDatabase()
  const front = await tcpFront(t, url)
  const server = await startServer(t, { databaseUrl: front.url })
  t.after(drop)
  front.swallow()
  const asked = server.fetch(`${server.issuer}/auth?client_id=unknown`)
  await sleep(200)
  await server.stop()
  assert.equal((await asked).status, 503, 'whoever had asked was answered')
})

/** Process ids of the workers, which say that they listen. */
const workersOf = (server: Server): number[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.includes('"msg":"listening"'))
    .map((line) => (JSON.parse(line) as { pid: number }).pid)

test('with several workers everything works, and the numbers of all are one page', async (t) => {
  const { shop, server } = await launch(t, 2)
  assert.equal(new Set(workersOf(server)).size, 2)
  const mail = inbox(server)
  for (const number of [1, 2, 3]) {
    const person = visitor(server)
    const request = await shop.authorize()
    await person.open(request.url)
    await person.submit('identify', { identifier: `ada${number}@example.com` })
    const code = await mail.codeFor(`ada${number}@example.com`)
    const { left } = await person.submit('verify/email-code', { code })
    assert.ok((await shop.userinfo(await shop.exchange(request, left!))).sub)
  }
  const demo = await fetch(server.demoUrl, { redirect: 'manual' })
  assert.ok(demo.status < 400, 'the demo app answers')

  const page = await (await probe(server, '/metrics')).text()
  const counts = page.matchAll(
    /^avouch_http_request_duration_seconds_count\{.*oidc\/token.*\} (\d+)$/gm,
  )
  assert.equal(
    [...counts].reduce((sum, [, count]) => sum + Number(count), 0),
    3,
  )
  assert.equal((await probe(server, '/livez')).status, 200)
})

test('a worker that dies is replaced, and meanwhile the others answer', async (t) => {
  const { server } = await launch(t, 2)
  const before = workersOf(server)
  process.kill(before[0]!, 'SIGKILL')
  const answers = new Set<number>()
  const jwks = `${server.issuer}/jwks`
  await eventually(
    async () => {
      // A new connection each time; one to the worker that is gone would only be cut off.
      const fresh = loopbackFetch(server.address)
      answers.add(
        await fresh(jwks).then(
          ({ status }) => status,
          () => 0,
        ),
      )
      return workersOf(server).length
    },
    (count) => count === 3,
  )
  answers.delete(0)
  assert.deepEqual([...answers], [200])
  assert.equal(await readiness(server)(), 200)
  const demo = await eventually(
    () =>
      fetch(server.demoUrl).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  )
  assert.equal(demo, 200)

  await server.kill()
  const reachable = () =>
    loopbackFetch(server.address)(jwks).then(
      () => true,
      () => false,
    )
  await eventually(reachable, (still) => !still)
  await server.start()
})

test('a connection on which nothing was ever asked keeps no server from ending', async (t) => {
  const { server } = await launch(t, 1)
  const { hostname, port } = new URL(server.address)
  const ahead = connect({ host: hostname, port: Number(port) })
  t.after(() => ahead.destroy())
  ahead.on('error', () => {})
  await once(ahead, 'connect')
  const begun = Date.now()
  await server.stop()
  assert.ok(Date.now() - begun < patienceMs / 2, 'it waited for a request that never came')
})

test('a server that is told to end as soon as it answers ends in good order', async (t) => {
  const { server } = await launch(t, 1)
  for (let round = 0; round < 5; round += 1) {
    await server.stop()
    await server.start()
  }
  await server.stop()
})
