import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { totpCode } from '../browser/authenticator.ts'
import { visitor } from '../support/http.ts'
import { startAttack, valuesOf } from './attack.ts'
import { emails } from './corpus/emails.ts'
import { phones, spelled } from './corpus/phones.ts'
import { secrets } from './corpus/secrets.ts'
import { texts } from './corpus/text.ts'
import { pooled } from './judge.ts'
import { codeIn } from './production.ts'
import { begun, formSite, pathSite, type Site } from './sites.ts'

const attack = await startAttack({ after })
const { production, server, shop, other, send, sendAll } = attack
const { smtp, twilio } = production

let people = 0
const password = 'seven green umbrellas'

const creating = async () => {
  const person = await begun(attack)
  await person.open(`${person.here().url}?mode=create`)
  await person.submit('identify', { identifier: `creating${people++}` })
  return person
}

/** A new account with its authenticator app turned on, and the backup codes before one's eyes. */
const enrolled = async (username: string) => {
  const person = await begun(attack)
  await person.open(`${person.here().url}?mode=create`)
  await person.submit('identify', { identifier: username })
  await person.submit('profile', { name: 'Pat', new_password: password })
  const key = /<code id="totp-key"[^>]*>([^<]+)</.exec(person.here().html)?.[1]
  await person.submit('verify/totp', { code: totpCode(key ?? '') })
  assert.match(person.here().text, /Save your backup codes/)
  return { person, key: key ?? '' }
}

const { person: pat, key: keyOfPat } = await enrolled('pat')
await pat.submit('profile', { saved: 'on' })

const asPat = async () => {
  const person = await begun(attack)
  await person.submit('identify', { identifier: 'pat' })
  return person
}
const asPatSecond = async () => {
  const person = await asPat()
  await person.submit('verify/password', { password })
  return person
}
const waitingForCode = async () => {
  const person = await begun(attack)
  await person.submit('identify', { identifier: `waiting${people++}@example.com` })
  return person
}
const consenting = async () => {
  const person = pat.copy()
  await person.open((await other.authorize({ scope: 'openid profile' })).url)
  return person
}
const connecting = async () => {
  const person = visitor(server)
  await person.open('/oidc/device')
  return person
}

const often = 1000
const identify = (field: string, fields: Record<string, string>) =>
  formSite('identify', field, {
    prepare: () => begun(attack),
    action: 'identify',
    fields,
    uses: often,
  })
const profile = (field: string, fields: Record<string, string>) =>
  formSite('profile', field, { prepare: creating, action: 'profile', fields, uses: often })
const verify = (method: string, field: string, prepare: typeof begunAnywhere, uses: number) =>
  formSite(method, field, { prepare, action: `verify/${method}`, uses })
const begunAnywhere = () => begun(attack)

const code = verify('email-code', 'code', waitingForCode, 8)
const newPassword = profile('new_password', { name: 'Pat' })

test('whatever is typed as a phone number, one number at most gets a text, and the right one', async () => {
  const [spellings, ...others] = phones
  const site = identify('identifier', { region: 'US', mode: 'sign-in' })
  await sendAll([site], valuesOf([spellings!]))
  await production.textTo(spelled)
  assert.deepEqual([...new Set(twilio.asked.map(({ form }) => form.To))], [spelled])
  await sendAll([site, identify('identifier', { region: '' })], valuesOf(others))
})

test('whatever is typed as an email address, one address at most gets an email', async () => {
  const values = valuesOf(emails)
  await sendAll([identify('identifier', { region: 'US', mode: 'sign-in' })], values)
  await sendAll([identify('identifier', { mode: 'reset' })], values, 3)
})

test('whatever is typed as a code or a password is refused in good order', async () => {
  const codes = valuesOf(secrets.filter(({ number }) => number < 24))
  const passwords = valuesOf(secrets.filter(({ number }) => number >= 24))
  const seconds = [
    verify('totp', 'code', asPatSecond, often),
    verify('backup-code', 'code', asPatSecond, often),
  ]
  await sendAll([code], codes)
  await sendAll(seconds, codes, 2)
  await sendAll([verify('password', 'password', asPat, often), newPassword], passwords)
})

test('a code of the app from another time, or of another person, opens nothing', async () => {
  const { key: another } = await enrolled('another')
  const steps = [-2880, -20, -9, -6, -5, -4, -3, -2, 3, 4, 5, 6, 9, 20, 2880]
  const person = await asPatSecond()
  const codes = [...steps.map((step) => totpCode(keyOfPat, step)), totpCode(another)]
  for (const typed of codes) {
    const { status } = await person.submit('verify/totp', { code: typed })
    assert.equal(status, 422, person.here().text)
  }
})

test('whatever any field of any form holds stays a text', async () => {
  const sites: readonly Site[] = [
    identify('identifier', { region: 'US', mode: 'sign-in' }),
    identify('region', { identifier: '415 555 2671', mode: 'sign-in' }),
    identify('mode', { identifier: 'ada@', region: 'US' }),
    identify('account', {}),
    code,
    newPassword,
    profile('name', { new_password: 'short' }),
    profile('username', { name: '', new_password: 'short' }),
    formSite('backup codes', 'saved', {
      prepare: async () => (await enrolled(`saving${people++}`)).person,
      action: 'profile',
      uses: often,
    }),
    formSite('consent', 'decision', { prepare: consenting, action: 'consent', uses: often }),
    formSite('device', 'user_code', { prepare: connecting, action: '/oidc/device', uses: 1 }),
    pathSite(attack, 'GET', '/l/'),
    pathSite(attack, 'POST', '/l/'),
    pathSite(attack, 'GET', '/interaction/'),
    pathSite(attack, 'GET', '/interaction/', '/state'),
    pathSite(attack, 'POST', '/interaction/', '/restart'),
    pathSite(attack, 'POST', '/interaction/nobody/verify/'),
  ]
  await sendAll(sites, valuesOf(texts), 5)
})

/** A sign-in by email up to the question for the name. */
const askedForName = async (email: string) => {
  const person = visitor(server)
  const request = await shop.authorize({ scope: 'openid profile' })
  await person.open(request.url)
  await person.submit('identify', { identifier: email })
  await person.submit('verify/email-code', { code: codeIn(await production.emailTo(email)) })
  return { person, request, action: `${new URL(person.here().url).pathname}/profile` }
}

test('a name of any kind is kept as it is, or refused', async () => {
  const found: string[] = []
  const kinds = [54, 55, 56, 61, 62, 65]
  const names = valuesOf(texts.filter(({ number }) => kinds.includes(number)))
  await pooled([...names.entries()], 6, async ([index, value]) => {
    if (index % 3 !== 0) return
    const { person, request, action } = await askedForName(`named${index}@example.com`)
    const fields = { username: `named${index}` }
    const prepare = async () => person
    found.push(
      ...(await send(formSite('profile', 'name', { prepare, action, fields, uses: 1 }), value)),
    )
    const { left, status } = person.here()
    if (left === null) {
      if (status !== 422) found.push(`${JSON.stringify(value)} is answered with ${status}`)
      return
    }
    const { name } = (await shop.exchange(request, left)).claims()!
    const same = 'raw' in value || /\p{Cc}/u.test(value.text)
    if (!same && name !== value.text.toWellFormed().trim()) {
      found.push(`${JSON.stringify(value.text)} became ${JSON.stringify(name)}`)
    }
  })
  assert.deepEqual(found, [])
})

test('of all that was asked for, no message went to two, and none to a stranger', () => {
  assert.ok(smtp.received.length > 20, `${smtp.received.length} emails`)
  assert.ok(twilio.asked.length > 10, `${twilio.asked.length} texts`)
  attack.assertMessages()
})

test('after all of that the log has one entry on each line, none of them forged, and no failure', () => {
  assert.ok(attack.requests() > 1000, `${attack.requests()} requests were judged`)
  attack.assertLog()
})
