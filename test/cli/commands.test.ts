import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { release } from '#src/lib/release.ts'
import { accessToken, apiOf, program } from '../admin/api.ts'
import { openSite } from '../flows/site.ts'
import { ask, basic } from '../oidc/provider.ts'
import { temporaryFolder } from '../support/folders.ts'
import { home, homeAlone, homeWithServer } from './command.ts'

for (const kind of ['postgres', 'embedded'] as const) {
  test(`a client that a command has made gets tokens, and its old secret ends (${kind})`, async (t) => {
    const { server, machine } = await homeWithServer(t, kind)
    const opens = async (id: string, secret: string): Promise<boolean> => {
      const fields = { grant_type: 'client_credentials' }
      return (await ask(server, 'token', fields, basic(id, secret))).status === 200
    }
    // A running server hears of what another process has changed within five seconds.
    const works = async (id: string, secret: string): Promise<boolean> => {
      for (const until = Date.now() + 20_000; Date.now() < until; await sleep(200)) {
        if (await opens(id, secret)) return true
      }
      return false
    }

    const made = (await machine.done('clients', 'create', '--name', 'Job', '--json')).json
    assert.equal(made.issuer, server.issuer)
    assert.ok(await works(made.client_id, made.client_secret))

    const kept = (await machine.done('clients', 'rotate-secret', made.client_id, '--json')).json
    assert.ok(await works(made.client_id, made.client_secret))
    assert.ok(await works(made.client_id, kept.client_secret))
    const last = await machine.done('clients', 'rotate-secret', made.client_id, '--keep', '0')
    const secret = /client_secret\s+(\S+)/.exec(last.out)![1]!
    assert.match(last.err, /shown this once/)
    const listed = (await machine.done('clients', 'list', '--search', 'job', '--json')).json
    assert.deepEqual(
      listed.map(({ client_name, secrets }: { client_name: string; secrets: object[] }) => [
        client_name,
        secrets.length,
      ]),
      [['Job', 1]],
    )
    assert.ok(!JSON.stringify(listed).includes(secret))
  })

  test(`commands work on a database that no server has open, from the first one on (${kind})`, async (t) => {
    const machine = await homeAlone(t, kind)
    const args = ['--name', 'Shop', '--redirect-uri', 'https://shop.example/callback', '--public']
    const made = await machine.done('clients', 'create', ...args)
    assert.match(made.out, /client_id {2,}\S+/)
    assert.doesNotMatch(made.out, /client_secret/)
    const { out } = await machine.done('clients', 'list')
    assert.match(out, /Shop +public +console +https:\/\/shop.example\/callback/)
    const keys = (await machine.done('keys', 'list', '--json')).json
    const rotated = (await machine.done('keys', 'rotate', '--alg', 'ES256', '--json')).json
    assert.equal(rotated.length, keys.length + 1)
    const waits = await machine.run('keys', 'rotate', '--alg', 'ES256')
    assert.equal(waits.code, 1)

    const { out: link } = await machine.done('owner', 'link')
    assert.match(link, /^http:\/\/localhost:3000\/admin\/claim\/[\w-]{43}\n$/)
  })

  test(`two commands at once both do their work (${kind})`, async (t) => {
    const machine = await homeAlone(t, kind)
    await Promise.all(
      ['a', 'b'].map((name) => machine.done('clients', 'create', '--name', name, '--json')),
    )
    assert.equal((await machine.done('clients', 'list', '--json')).json.length, 2)
  })

  test(`people are found, blocked and signed out by what they are known by (${kind})`, async (t) => {
    const { server, machine } = await homeWithServer(t, kind, {
      config: { clients: [program('ops')] },
    })
    const api = apiOf(server, await accessToken(server, 'ops'))
    const { body: ann } = await api.call('POST', '/users', {
      name: 'Ann',
      identifiers: [{ type: 'email', value: 'Ann@example.com', verified: true }],
    })
    assert.match((await machine.done('users', 'list')).out, /Ann +active +never +ann@example.com/)
    assert.match(
      (await machine.done('users', 'block', 'ann@example.com')).out,
      /Ann \(.+\) is blocked/,
    )
    assert.ok((await api.call('GET', `/users/${ann.id}`)).body.blockedAt)
    const blocked = await machine.done('users', 'list', '--blocked', '--search', 'ann', '--json')
    assert.equal(blocked.json[0].id, ann.id)
    await machine.done('users', 'unblock', ann.id)
    await machine.done('users', 'sign-out', 'ann@example.com', '--json')

    // Which nobody has proven to be theirs, so that several may have it.
    const evas = []
    for (const verified of [false, false]) {
      const identifiers = [{ type: 'email', value: 'eva@bücher.example', verified }]
      evas.push((await api.call('POST', '/users', { identifiers })).body.id)
    }
    const several = await machine.run('users', 'block', 'eva@bücher.example')
    assert.equal(several.code, 1, several.out)
    for (const id of evas) assert.ok(several.err.split('\n').includes(id), several.err)
    assert.equal((await machine.done('users', 'list', '--blocked', '--json')).json.length, 0)
    const proven = { type: 'email', value: 'eva@xn--bcher-kva.example', verified: true }
    const { body: eva } = await api.call('POST', '/users', { identifiers: [proven] })
    await machine.done('users', 'block', 'Eva@Bücher.example')
    assert.ok((await api.call('GET', `/users/${eva.id}`)).body.blockedAt)

    const nobody = await machine.run('users', 'block', 'ann@example.co')
    assert.equal(nobody.code, 1)
    assert.match(nobody.err, /There is nobody with .*ann@example.co\. `npx avouch users list/)
    const { body } = await api.call('GET', '/audit?event=user.blocked')
    assert.equal(body.data[0].actor.id, 'avouch-cli', JSON.stringify(body))
  })
}

test('the code that was sent while evaluating is printed, once it is there', async (t) => {
  const site = await openSite(t)
  const machine = await home(t, {})
  const there = ['--url', site.server.baseUrl]
  const get = (...args: string[]) => machine.run('inbox', 'get', '--to', ...args, ...there)
  const none = await get('Ann@example.com', '--wait', '1')
  assert.equal(none.code, 1)
  assert.match(none.err, /There is no message to Ann@example.com after 1 seconds\./)

  const waiting = get('Ann@example.com', '--wait', '60')
  const { person } = await site.arrive()
  await person.submit('identify', { identifier: 'ann@example.com' })
  const { code, out } = await waiting
  assert.equal(code, 0)
  assert.equal(out.trim(), await site.mail.codeFor('ann@example.com'))
  const { out: link } = await get('ann@example.com', '--link')
  assert.equal(link.trim(), await site.mail.linkFor('ann@example.com'))
  assert.equal((await get('ann@example.com', '--json')).json.usageType, 'Register')
  const later = new Date(Date.now() + 60_000).toISOString()
  assert.equal((await get('ann@example.com', '--since', later)).code, 1)
})

test('`npx avouch` runs in this folder, whichever Node and npx the machine has', async (t) => {
  const cache = await temporaryFolder('npx')
  t.after(() => rm(cache, { recursive: true, force: true }))
  // As at a prompt: what `npm test` has put in front is not there.
  const path = process.env.PATH!.split(delimiter).filter((each) => !each.endsWith('.bin'))
  const { stdout } = await promisify(execFile)('npx', ['--offline', 'avouch', '--version'], {
    cwd: join(import.meta.dirname, '../..'),
    env: { PATH: path.join(delimiter), HOME: cache, npm_config_cache: cache },
  })
  assert.equal(stdout.trim(), release)
})

test('a command says in a sentence what is wrong, and what to do', async (t) => {
  const { server, machine } = await homeWithServer(t, 'postgres')
  const expect = async (args: string[], code: number, words: RegExp, where = machine) => {
    const ended = await where.run(...args)
    assert.match(ended.err, words)
    assert.equal(ended.code, code, args.join(' '))
    assert.doesNotMatch(ended.err, / at .*\.ts:/)
  }
  const uri = 'https://*.shop.example/callback'
  await expect(['clients', 'create', '--redirect-uri', uri], 1, /redirect_uris\[0\]: /)
  await expect(['clients', 'rotate-secret', 'nobody'], 1, /There is no client nobody\. `npx avouch/)
  await expect(['clients', 'create', '--nmae', 'x'], 2, /unknown option '--nmae'/)
  await expect(
    ['clients', 'rotate-secret', 'x', '--keep', 'long'],
    2,
    /whole number from 0 to 8760/,
  )
  await expect(['keys', 'rotate', '--alg', 'HS256'], 2, /Allowed choices are RS256, ES256/)
  await expect(['clients', 'list', '--url', 'http://id.example.com'], 2, /over https only/)
  await expect(['clients', 'list', '--url', 'id.example.com'], 2, /has to be like https/)
  await expect(
    ['clients', 'list', '--url', 'http://localhost:1'],
    2,
    /MANAGEMENT_CLIENT_SECRET|Nobody answers/,
  )
  await expect(['clients', 'list', '--url', server.metricsAddress], 2, /not as Avouch/)

  const elsewhere = await home(t, { MANAGEMENT_CLIENT_SECRET: 'not the one of that server' })
  const there = ['clients', 'list', '--url', server.baseUrl]
  await expect(there, 2, /does not take the credentials of the client management/, elsewhere)
  await expect([...there, '--client-id', 'x'], 2, /Set AVOUCH_CLIENT_SECRET/, elsewhere)
  await expect(['clients', 'list'], 2, /NODE_ENV/, await home(t, { NODE_ENV: 'prod' }))
})

test('from another machine, a command is what its client may do', async (t) => {
  const { server } = await homeWithServer(t, 'postgres', {
    config: { clients: [program('looker', ['clients:read'])] },
  })
  const away = await home(t, {
    AVOUCH_CLIENT_SECRET: 'a-management-secret-for-tests-only-a-secret',
  })
  const there = ['--url', server.baseUrl, '--client-id', 'looker']
  const listed = await away.done('clients', 'list', ...there)
  assert.match(listed.out, /looker +looker +program +file/)
  const refused = await away.run('clients', 'create', '--name', 'x', ...there)
  assert.equal(refused.code, 1)
  assert.match(refused.err, /It needs clients:write/)
})
