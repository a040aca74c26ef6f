import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeBefore } from '../browser/authenticator.ts'
import { headingOf } from '../flows/site.ts'
import { visitor } from '../support/http.ts'
import { addIdentifier, assertAt, follow, goodPassword, openAccounts } from './site.ts'

const experience = {
  identifiers: ['email', 'phone', 'username'],
  methods: ['email-code', 'sms-code', 'password'],
}

for (const kind of ['postgres', 'embedded'] as const) {
  test(`a person looks after their account, from the first page to the last (${kind})`, async (t) => {
    const accounts = await openAccounts(t, {
      kind,
      config: { sign_in_experience: experience },
    })
    const { mail } = accounts

    // Whoever is not signed in is asked to, and is then where they wanted to be.
    const person = await accounts.enter('anna@example.com', '/account/profile')
    assertAt(person.here(), '/account/profile')
    const saved = await person.submit('profile', { name: 'Anna M.', locale: 'de' })
    assertAt(saved, '/account/profile', /Ihr Profil ist gespeichert/)
    assert.match(saved.html, /<html lang="de"/, 'the pages follow')
    await person.submit('profile', { name: 'Anna M.', locale: 'en' })
    const long = await person.submit('profile', { name: 'A'.repeat(101) })
    assert.match(long.text, /Enter a name of at most 100 characters/)

    // An address is proven before it is theirs; what they have stays until then.
    await person.open('/account/phones/new')
    assert.equal((await person.submit('new', { identifier: 'not a number' })).status, 422)
    assert.match(person.here().html, /value="not a number"/, 'what was typed is kept')
    const before = new Date()
    await person.submit('new', { identifier: '+1 201 555 0160' })
    assertAt(person.here(), '/account/verify')
    const sent = await mail.messageFor('+12015550160', before)
    assert.equal(sent.usageType, 'BindNewIdentifier')
    assert.equal(sent.link, null, 'a link would sign somebody in')
    const wrong = sent.code === '000000' ? '000001' : '000000'
    assert.equal((await person.submit('verify', { code: wrong })).status, 422)
    await person.open('/account/methods')
    assert.doesNotMatch(person.here().text, /201 555 0160/)
    await person.open('/account/verify')
    const added = await person.submit('verify', { code: sent.code! })
    assertAt(added, '/account/methods', /It is added.*anna@example\.com.*\+1 201 555 0160/)
    assert.match(added.text, /Text messages can be read on their way.*authenticator app is safer/)

    // The second of a kind, and which goes first.
    await addIdentifier(accounts, person, 'anna@work.example')
    await follow(person, /identifiers\/[\w-]+\/prefer/)
    const preferred = await person.submit('prefer')
    assert.match(preferred.text, /anna@work\.example\s*Comes first/)

    await person.open('/account/username')
    await person.submit('username', { username: 'anna' })
    assertAt(person.here(), '/account/methods', /Your username is saved/)

    // A password; from now on a change takes it as well as the phone.
    await person.open('/account/password')
    assert.equal((await person.submit('password', { new_password: 'short' })).status, 422)
    assert.doesNotMatch(person.here().html, /value="short"/)
    assertAt(await person.submit('password', { new_password: goodPassword }), '/account/methods')
    const asking = new Date()
    const asked = await person.open('/account/two-step/totp')
    assert.equal(headingOf(asked), 'Check your text messages')
    const code = await mail.codeFor('+12015550160', asking)
    await person.submit('verify/sms-code', { code })
    if (headingOf(person.here()) === 'Enter your password') {
      await person.submit('verify/password', { password: goodPassword })
    }
    assertAt(person.here(), '/account/two-step/totp')

    // An authenticator app, and codes that are shown until they are saved.
    const key = /<code id="totp-key"[^>]*>([^<]+)</.exec(person.here().html)?.[1] ?? ''
    assert.equal((await person.submit('totp', { code: '123' })).status, 422)
    assert.ok(person.here().html.includes(key), 'the same secret after a wrong code')
    await person.submit('totp', { code: await codeBefore(key) })
    assertAt(person.here(), '/account/two-step/backup-codes')
    const codes = [...person.here().html.matchAll(/<li><code>([^<]+)</g)].map(([, one]) => one!)
    assert.equal(new Set(codes).size, 10)
    const file = await person.copy().open('/account/two-step/backup-codes.txt')
    for (const one of codes) assert.ok(file.html.includes(one))
    assert.equal((await person.submit('backup-codes')).status, 422)
    assertAt(
      await person.submit('backup-codes', { saved: 'on' }),
      '/account/two-step',
      /10 are left/,
    )
    assert.equal((await person.copy().open('/account/two-step/backup-codes.txt')).status, 404)

    await person.open('/account/two-step/backup-codes/new')
    await person.submit('new')
    assertAt(person.here(), '/account/two-step/backup-codes')
    assert.ok(!codes.some((one) => person.here().html.includes(one)), 'others than before')
    await person.submit('backup-codes', { saved: 'on' })
    await person.open('/account/two-step/totp/remove')
    const off = await person.submit('remove')
    assertAt(off, '/account/two-step', /turned off/)
    assert.doesNotMatch(off.text, /are left/, 'the codes went with it')
    assert.match(off.html, /href="\/account\/sessions\/end-others"/, 'who else is signed in')

    await person.open('/account/password/remove')
    assertAt(await person.submit('remove'), '/account/methods', /You have no password/)

    // What has happened is there to read.
    const activity = await person.open('/account/activity')
    for (const words of [
      /An address, number or username was added/,
      /a•••@work\.example/,
      /The password was removed/,
      /A way to verify you was set up/,
      /You signed in/,
    ]) {
      assert.match(activity.text, words)
    }

    await person.open('/account/data')
    const { headers, html } = await person.submit('data')
    assert.match(headers.get('content-disposition') ?? '', /attachment; filename="account\.json"/)
    const data = JSON.parse(html)
    assert.equal(data.person.name, 'Anna M.')
    assert.deepEqual(Object.keys(data).slice(1), [
      'person',
      'credentials',
      'sessions',
      'trustedBrowsers',
      'applications',
      'activity',
    ])
    assert.equal(data.sessions.length, 1)
    assert.deepEqual(data.person.identifiers.map(({ value }: { value: string }) => value).sort(), [
      '+12015550160',
      'anna',
      'anna@example.com',
      'anna@work.example',
    ])
    assert.doesNotMatch(html, /hash|secret|sealed|\$argon2/i)
  })
}

test('nobody who is not signed in sees a page of an account', async (t) => {
  const { server } = await openAccounts(t)
  const pages = ['', '/profile', '/methods', '/sessions', '/activity', '/data', '/delete']
  for (const page of pages) {
    const person = visitor(server)
    const visit = await person.open(`/account${page}`)
    assert.match(visit.url, /\/interaction\//, page)
    assert.equal(headingOf(visit), 'Sign in to Avouch')
    const posted = await visitor(server).post(`${server.baseUrl}/account${page}`, { name: 'x' })
    assert.ok(posted.status === 404 || posted.status === 405 || /\/interaction\//.test(posted.url))
  }
})

test('password managers find where a password is changed', async (t) => {
  const { server } = await openAccounts(t, {
    config: {
      sign_in_experience: { identifiers: ['email'], methods: ['email-code', 'passkey'] },
    },
  })
  const change = await server.fetch(`${server.baseUrl}/.well-known/change-password`)
  assert.equal(change.status, 303)
  assert.equal(change.headers.get('location'), '/account/password')
  const passkeys = await server.fetch(`${server.baseUrl}/.well-known/passkey-endpoints`)
  assert.deepEqual(await passkeys.json(), {
    enroll: `${server.baseUrl}/account/passkeys/new`,
    manage: `${server.baseUrl}/account/passkeys`,
  })
})

test('forms of an account are sent to this server alone, and from no other site', async (t) => {
  const accounts = await openAccounts(t)
  const person = await accounts.enter('ines@example.com', '/account/profile')
  const { headers } = person.here()
  assert.match(headers.get('content-security-policy') ?? '', /form-action 'self'/)
  assert.equal(headers.get('cache-control'), 'no-store')
  const other = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  const refused = await person.post('/account/profile', { name: 'Mallory', locale: 'en' }, other)
  assert.equal(refused.status, 403)
  assert.match((await person.open('/account')).text, /Anna Muster/)
})

test('whoever looks for what is not there finds the way back to their account', async (t) => {
  const accounts = await openAccounts(t)
  const person = await accounts.enter('jan@example.com')
  for (const path of [
    'nothing',
    'trusted-browsers/gone/remove',
    'methods?return_to=x&client_id=y',
  ]) {
    const missing = await person.open(`/account/${path}`)
    assert.ok(missing.status === 404 || missing.status === 400, path)
    assertAt(await follow(person, /^\/account$/), '/account')
  }
})
