/**
 * First factor × what is set up × policy × what the relying party asks, through the pages that people
 * see. To extend it, add rows.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { askSilently, errorOf, tokensOf } from '../flows/site.ts'
import type { Visitor } from '../support/http.ts'
import { type Enrolled, goThrough, type Member, openMembers, pageOf } from './member.ts'

const clients = {
  shop: {},
  required: { second_factor: 'required' },
  enrolled: { second_factor: 'when_enrolled' },
  off: { second_factor: 'off' },
  vault: { require_authenticator: true },
}
type Client = keyof typeof clients

const site = await openMembers(
  { after },
  {},
  Object.entries(clients)
    .filter(([clientId]) => clientId !== 'shop')
    .map(([clientId, registration]) => ({ clientId, registration })),
)
const partyOf = (client: Client) => site.parties[Object.keys(clients).indexOf(client)]!

/** Signed in before, by this first factor at that application. */
interface Earlier {
  first: string
  at: Client
}

interface Row {
  has: readonly Enrolled[]
  first: string
  at: Client
  ask?: Record<string, string>
  earlier?: Earlier
  /** Pages beside the one for the identifier. */
  pages: string
  amr: string
  acr: 'aal1' | 'aal2'
}

const aal2 = { acr_values: 'aal2' }
const essential = {
  claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'aal2' } } }),
}

const row = (
  has: string,
  first: string,
  at: Client,
  pages: string,
  amr: string,
  acr: Row['acr'],
  more: Pick<Row, 'ask' | 'earlier'> = {},
): Row => ({ has: has.split(' ') as Enrolled[], first, at, pages, amr, acr, ...more })

const rows: readonly Row[] = [
  // A code, and what follows it
  row('email', 'email-code', 'shop', 'email-code', 'email otp', 'aal1'),
  row('phone', 'sms-code', 'shop', 'sms-code', 'otp sms', 'aal1'),
  row('email password', 'email-code', 'shop', 'email-code', 'email otp', 'aal1'),
  row('email totp', 'email-code', 'shop', 'email-code totp', 'email otp', 'aal1'),
  row('phone totp', 'sms-code', 'shop', 'sms-code totp', 'otp sms', 'aal1'),
  row('email phone', 'email-code', 'enrolled', 'email-code', 'email otp', 'aal1'),
  row('email totp', 'email-code', 'enrolled', 'email-code totp', 'email otp', 'aal1'),
  row('email phone', 'email-code', 'required', 'email-code sms-code', 'email otp sms', 'aal1'),
  row('email phone', 'sms-code', 'required', 'sms-code email-code', 'email otp sms', 'aal1'),
  row('email', 'email-code', 'required', 'email-code enrol-totp backup-codes', 'email otp', 'aal1'),
  row('email totp', 'email-code', 'off', 'email-code', 'email otp', 'aal1'),

  // A password, and what follows it
  row('email password', 'password', 'shop', 'password email-code', 'email otp pwd', 'aal1'),
  row('email password totp', 'password', 'shop', 'password totp', 'mfa otp pwd', 'aal2'),
  row('phone password', 'password', 'shop', 'password sms-code', 'mfa otp pwd sms', 'aal2'),
  row('username password totp', 'password', 'shop', 'password totp', 'mfa otp pwd', 'aal2'),
  row(
    'username password',
    'password',
    'shop',
    'password enrol-totp backup-codes',
    'mfa otp pwd',
    'aal2',
  ),
  row('email password', 'password', 'enrolled', 'password', 'pwd', 'aal1'),
  row('email password totp', 'password', 'enrolled', 'password totp', 'mfa otp pwd', 'aal2'),
  row('email password', 'password', 'off', 'password', 'pwd', 'aal1'),
  row('email password totp', 'password', 'off', 'password', 'pwd', 'aal1'),

  // Two kinds are asked for
  row('phone password', 'sms-code', 'shop', 'sms-code password', 'mfa otp pwd sms', 'aal2', {
    ask: aal2,
  }),
  row('email password totp', 'password', 'off', 'password totp', 'mfa otp pwd', 'aal2', {
    ask: aal2,
  }),
  row('email password totp', 'password', 'off', 'password totp', 'mfa otp pwd', 'aal2', {
    ask: essential,
  }),
  row(
    'email password totp',
    'email-code',
    'shop',
    'email-code totp password',
    'email mfa otp pwd',
    'aal2',
    { ask: aal2 },
  ),
  row(
    'email totp',
    'email-code',
    'shop',
    'email-code totp new-password password',
    'email mfa otp pwd',
    'aal2',
    { ask: aal2 },
  ),
  row(
    'email password',
    'password',
    'off',
    'password email-code enrol-totp backup-codes',
    'email mfa otp pwd',
    'aal2',
    { ask: aal2 },
  ),
  row('phone', 'sms-code', 'shop', 'sms-code new-password password', 'mfa otp pwd sms', 'aal2', {
    ask: aal2,
  }),
  row('email', 'email-code', 'shop', 'email-code', 'email otp', 'aal1', {
    ask: { acr_values: 'aal1' },
  }),
  row('email', 'email-code', 'shop', 'email-code', 'email otp', 'aal1', {
    ask: { acr_values: 'urn:unknown' },
  }),
  row('email password totp', 'password', 'vault', 'password totp', 'mfa otp pwd', 'aal2'),
  row(
    'phone password totp',
    'sms-code',
    'vault',
    'sms-code totp password',
    'mfa otp pwd sms',
    'aal2',
  ),

  // Somebody is signed in
  row('phone password', 'sms-code', 'shop', '', 'otp sms', 'aal1', {
    earlier: { first: 'sms-code', at: 'shop' },
  }),
  row('phone password', 'sms-code', 'shop', 'password', 'mfa otp pwd sms', 'aal2', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: aal2,
  }),
  row('phone password', 'sms-code', 'shop', 'sms-code', 'otp sms', 'aal1', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: { prompt: 'login' },
  }),
  row('phone password', 'password', 'shop', 'password sms-code', 'mfa otp pwd sms', 'aal2', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: { max_age: '0' },
  }),
  row('phone password', 'sms-code', 'shop', '', 'otp sms', 'aal1', {
    earlier: { first: 'sms-code', at: 'shop' },
    ask: { max_age: '1000' },
  }),
  row('email password', 'password', 'shop', 'email-code', 'email otp pwd', 'aal1', {
    earlier: { first: 'password', at: 'off' },
  }),
  row('email password', 'password', 'off', '', 'pwd', 'aal1', {
    earlier: { first: 'password', at: 'off' },
  }),
  row('email totp', 'email-code', 'enrolled', 'totp', 'email otp', 'aal1', {
    earlier: { first: 'email-code', at: 'off' },
  }),
  row('email phone', 'email-code', 'required', 'sms-code', 'email otp sms', 'aal1', {
    earlier: { first: 'email-code', at: 'shop' },
  }),
  row('email password totp', 'password', 'vault', '', 'mfa otp pwd', 'aal2', {
    earlier: { first: 'password', at: 'shop' },
  }),
  row('email password totp', 'password', 'vault', 'password totp', 'mfa otp pwd', 'aal2', {
    earlier: { first: 'password', at: 'shop' },
    ask: { prompt: 'login' },
  }),
]

/** Half a sign-in is none: whatever its browser tries, from any page of it. */
async function assertNothingOpens(person: Visitor, { id }: Member): Promise<void> {
  const copy = () => person.copy()
  const { url } = person.here()
  const [, , uid = ''] = new URL(url).pathname.split('/')
  assert.equal(await askSilently(site, person), 'login_required')
  for (const path of ['/admin', '/admin/users', '/account']) {
    const page = await copy().open(path)
    const closed = page.status === 404 || pageOf(page) === 'identify'
    assert.ok(closed, `${path}: ${page.status} ${page.url}`)
  }
  assert.equal((await copy().open('/api/users')).status, 401)
  assert.ok([400, 401].includes((await copy().open('/oidc/me')).status))
  const token = await copy().post('/oidc/token', {
    grant_type: 'authorization_code',
    code: uid,
    redirect_uri: site.shop.redirectUri,
    client_id: 'shop',
  })
  assert.ok([400, 401].includes(token.status))
  for (const jump of [
    copy().open(`/oidc/auth/${uid}`),
    copy().post(`/interaction/${uid}/consent`, { decision: 'allow' }),
    copy().post(`/interaction/${uid}/profile`, { saved: 'on', name: 'Mallory' }),
    copy().post(`/interaction/${uid}/verify/consent`, {}),
  ]) {
    const { left, status } = await jump
    assert.ok(status < 500)
    assert.ok(!left || !new URL(left).searchParams.has('code'), `It left to ${left}`)
  }
  assert.deepEqual(await site.sql('select 1 from oidc_sessions where account_id = $1', [id]), [])
}

const titleOf = ({ has, first, at, ask = {}, earlier }: Row) =>
  [
    earlier ? `${earlier.first} at ${earlier.at}, then ` : '',
    `${first} at ${at}`,
    ` with ${has.join(', ')}`,
    Object.keys(ask).length > 0 ? `, asked for ${new URLSearchParams(ask)}` : '',
  ].join('')

for (const each of rows) {
  test(`${titleOf(each)}: ${each.pages || 'nothing'} for ${each.acr}`, async () => {
    const { has, first, at, ask = {}, earlier, pages, amr, acr } = each
    const member = await site.member(has)
    let person: Visitor | undefined
    if (earlier) {
      const arrival = await site.arrive({}, { party: partyOf(earlier.at) })
      person = arrival.person
      await goThrough(site, person, member, { first: earlier.first })
      await tokensOf(arrival)
    }
    const arrival = await site.arrive(ask, { party: partyOf(at), ...(person ? { person } : {}) })
    const silent = () =>
      askSilently(
        {
          ...site,
          arrive: (more, as) => site.arrive({ ...ask, ...more }, { ...as, party: partyOf(at) }),
        },
        arrival.person,
      )
    let proven = false
    const seen = await goThrough(site, arrival.person, member, {
      first,
      async each(page) {
        if (page === 'identify') return
        if (earlier) {
          // The prompt that opened this is gone in a silent request, so what is asked for is judged.
          if (!ask.prompt) assert.notEqual(await silent(), null, 'less than was asked for opens it')
        } else if (proven) await assertNothingOpens(arrival.person, member)
        proven = true
      },
    })
    assert.equal(seen.filter((page) => page !== 'identify').join(' '), pages)
    const claims = (await tokensOf(arrival)).claims()!
    assert.equal([...(claims.amr as string[])].sort().join(' '), amr)
    assert.equal(claims.acr, acr)
    assert.equal(claims.sub, member.id)
  })
}

test('what nobody here can reach is said at once, whoever they are', async () => {
  for (const at of Object.keys(clients) as Client[]) {
    const claims = JSON.stringify({ id_token: { acr: { essential: true, value: 'urn:unknown' } } })
    const arrival = await site.arrive({ claims }, { party: partyOf(at) })
    const { person } = arrival
    if (person.here().left) {
      assert.equal(errorOf(person.here()), 'unmet_authentication_requirements')
      continue
    }
    const member = await site.member(['email'])
    await person.submit('identify', { identifier: member.email! })
    assert.equal(person.here().status < 500, true)
  }
})
