import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import Koa from 'koa'
import { errors } from 'oidc-provider'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import { memo } from '#src/oidc/storage/memo.ts'
import type { Write } from '#src/oidc/storage/unit-repository.ts'
import { writeAtEnd } from '#src/oidc/write-at-end.ts'

const spend = (lost: () => Error): Write => ({
  name: 'spend',
  text: (condition) => `select 1 where ${condition}`,
  values: [],
  lost,
  gate: true,
})

/** A provider that has prepared an answer with a cookie, over a database that answers `query`. */
const answerOf = async (
  t: TestContext,
  path: string,
  lost: () => Error,
  query: () => Promise<unknown[]>,
  status = 302,
) => {
  const asked: string[] = []
  const db = {
    query: (name: string) => {
      asked.push(name)
      return query()
    },
  } as unknown as Db
  const koa = new Koa()
  koa.silent = true
  koa.use(
    writeAtEnd({
      db,
      screens: {
        error(ctx, out) {
          ctx.body = `page: ${out.error}`
        },
      },
    }),
  )
  koa.use((ctx) => {
    memo(ctx).unit?.set('row', spend(lost))
    ctx.set('set-cookie', 'session=new')
    ctx.redirect('https://shop.example/callback?code=abc')
    ctx.status = status
  })
  const server = koa.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual' })
  return {
    asked,
    status: answer.status,
    text: await answer.text(),
    cookie: answer.headers.get('set-cookie'),
    location: answer.headers.get('location'),
  }
}

const grant = () => new errors.InvalidGrant('grant request is invalid')
const session = () => new errors.SessionNotFound('interaction has ended')

test('what was written goes out with its cookies', async (t) => {
  const answer = await answerOf(t, '/auth/uid', session, async () => [{ w0: 1 }])
  assert.equal(answer.status, 302)
  assert.equal(answer.cookie, 'session=new')
  assert.deepEqual(answer.asked, ['oidc.spend'])
})

test('a request for tokens that failed spends nothing', async (t) => {
  const failed = await answerOf(t, '/token', grant, async () => [{ w0: 1 }], 400)
  assert.equal(failed.status, 400)
  assert.deepEqual(failed.asked, [])
})

test('whoever loses a race is told so, and nothing of the prepared answer gets out', async (t) => {
  const code = await answerOf(t, '/token', grant, async () => [{ w0: 0 }])
  assert.equal(code.status, 400)
  assert.equal(JSON.parse(code.text).error, 'invalid_grant')
  const resumed = await answerOf(t, '/auth/uid', session, async () => [{ w0: 0 }])
  assert.equal(resumed.status, 400)
  assert.equal(resumed.text, 'page: invalid_request')
  for (const { cookie, location } of [code, resumed]) {
    assert.equal(cookie, null)
    assert.equal(location, null)
  }
})

test('where the database is gone, nobody gets a cookie for a session that is not there', async (t) => {
  const gone = await answerOf(t, '/auth/uid', session, () =>
    Promise.reject(new Problem('unavailable')),
  )
  assert.ok(gone.status >= 500)
  assert.equal(gone.cookie, null)
  assert.equal(gone.location, null)
})
