import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { trialRepository } from '#src/admin/trials/repository.ts'
import { newTrialId } from '#src/admin/trials/trial.ts'
import { database } from '../oidc/provider.ts'
import { testOnBoth } from '../support/database.ts'
import { type Visit, visitor } from '../support/http.ts'
import { startServer } from '../support/server.ts'
import { program } from './api.ts'
import { becomeOwner, ownerEmail } from './console.ts'

const redirect_uris = ['https://shop.example/callback']
const server = await startServer(
  { after },
  {
    config: {
      clients: [
        { client_id: 'own', client_name: 'Own shop', first_party: true, redirect_uris },
        {
          client_id: 'other',
          client_name: 'Other shop',
          redirect_uris,
          id_token_signed_response_alg: 'ES256',
          api_scopes: ['users:read'],
        },
        program('ops'),
      ],
    },
  },
)
const sql = database({ after }, server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/${path}`)
const as = (role: string) => sql('update admins set role = $1', [role])

/** Begins a trial and stays at the first page that asks something. */
const begin = async (clientId: string, fields: Record<string, string> = {}): Promise<Visit> => {
  await open(`clients/${clientId}/try`)
  return owner.submit('try', fields)
}

const callbackOf = ({ hops }: Visit): string => hops.find((hop) => hop.includes('/try/callback'))!
const trialIdOf = ({ hops }: Visit): string =>
  new URL(hops.find((hop) => hop.includes('/oidc/auth?'))!).searchParams.get('client_id')!

/** As whoever knows the address of the test could ask, with any redirect URI. */
const ask = (client_id: string, redirect_uri: string) => {
  const query = new URLSearchParams({
    client_id,
    redirect_uri,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  return owner.open(`${server.issuer}/auth?${query}`)
}

const callback = `${server.baseUrl}/admin/clients/try/callback`

test('a test signs the admin in as the application would, and shows what it would get', async () => {
  const { status, text, html, hops } = await begin('own')
  assert.equal(status, 200)
  assert.match(text, /This is what the application would have got/)
  assert.ok(text.includes(ownerEmail))
  assert.match(text, /"alg": "RS256"/)
  assert.match(text, /"nonce"/)
  assert.match(text, /"token_type": "bearer"/)
  assert.doesNotMatch(html, /eyJ[\w-]+\.eyJ/)
  assert.doesNotMatch(html, /access_token/)
  assert.ok(hops.some((hop) => hop.startsWith(callback)))
})

test('only the scopes that were ticked are asked for', async () => {
  await open('clients/own/try')
  const { text } = await owner.submit('try', { scope: [] })
  assert.match(text, /"scope": "openid"/)
  assert.ok(!text.includes(ownerEmail))
})

test('an application of others asks for consent under its own name, and a refusal is shown', async () => {
  const asked = await begin('other')
  assert.match(asked.text, /Other shop/)
  assert.doesNotMatch(asked.text, /avouch-try/)
  const refused = await owner.submit('consent', { decision: 'deny' })
  assert.match(refused.text, /access_denied/)
  await begin('other')
  const allowed = await owner.submit('consent', { decision: 'allow' })
  assert.match(allowed.text, /"alg": "ES256"/)
})

test('an answer counts once, in the browser and for the admin that asked for it', async () => {
  const done = await begin('own')
  const again = await owner.open(callbackOf(done))
  assert.equal(again.status, 400)
  assert.match(again.text, /This test is over/)

  const other = owner.copy()
  await begin('own')
  const elsewhere = await other.open(`${callback}?code=abc&state=def`)
  assert.equal(elsewhere.status, 400)
  const stranger = await visitor(server).open(`${callback}?code=abc&state=def`)
  assert.match(stranger.hops.join(' '), /\/admin\/sign-in/)
})

test('an answer that belongs to another test is refused', async () => {
  // It waits at the question for consent.
  await begin('other', { prompt: 'consent' })
  const wrong = await owner.open(`${callback}?code=abc&state=def`)
  assert.match(wrong.text, /would have got an error/)
})

test('the copy of a test is good for nothing else', async () => {
  const id = trialIdOf(await begin('own'))
  assert.match(id, /^avouch-try-[\w-]{43}$/)
  const elsewhere = await ask(id, redirect_uris[0]!)
  assert.equal(elsewhere.status, 400)
  assert.equal(elsewhere.left, null)
  const real = await ask('own', callback)
  assert.equal(real.status, 400)
  assert.doesNotMatch(real.hops.join(' '), /try\/callback\?/)

  const asked = await server.fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:guessed`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  assert.equal(asked.status, 401)
  assert.match((await open('clients?search=avouch-try')).text, /No application has this/)
  assert.equal((await open(`clients/${id}`)).status, 404)
  await open('clients/new?framework=curl')
  const taken = await owner.submit('new', { client_id: `avouch-try-${'a'.repeat(43)}` })
  assert.equal(taken.status, 422)
  assert.match(taken.text, /kept for a client of this server itself/)
})

test('after ten minutes the copy is gone', async () => {
  const id = trialIdOf(await begin('own'))
  await sql("update client_trials set expires_at = now() - interval '1 second'")
  const late = await ask(id, callback)
  assert.equal(late.status, 400)
  assert.equal(late.left, null)
  const [row] = await sql<{ count: string }>(
    "select count(*) from audit_events where event = 'client.tried' and target = $1 and client_id = 'own'",
    [id],
  )
  assert.equal(row!.count, '1')
})

test('where nobody signs in, there is no test', async () => {
  assert.match((await open('clients/ops/try')).text, /Nobody signs in to this application/)
  const { status } = await owner.post(`${server.baseUrl}/admin/clients/ops/try`, {})
  assert.equal(status, 422)
})

test('whoever may not change applications may not test them either', async () => {
  for (const role of ['read-only', 'support']) {
    await as(role)
    assert.doesNotMatch((await open('clients/own')).html, /clients\/own\/try/)
    assert.equal((await open('clients/own/try')).status, 403, role)
    const { status } = await owner.post(`${server.baseUrl}/admin/clients/own/try`, {})
    assert.equal(status, 403, role)
  }
  await as('owner')
})

testOnBoth('a test that is over is found no more, and is removed', async (_t, db) => {
  const trials = trialRepository(db)
  const [first, second] = [newTrialId(), newTrialId()]
  await trials.begin(first, 'shop')
  await trials.begin(second, 'shop')
  assert.equal(await trials.find(first), 'shop')
  assert.equal(await trials.find('avouch-try-nothing'), null)
  assert.deepEqual(await trials.sweep(), [])
  const past = "update client_trials set expires_at = now() - interval '1 second' where id = $1"
  await db.query('test.past', past, [first])
  assert.equal(await trials.find(first), null)
  assert.deepEqual(await trials.sweep(), [first])
  assert.equal(await trials.find(second), 'shop')
})
