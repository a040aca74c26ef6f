/** What each row of the matrices is checked by, through the pages that people see. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { askSilently, tokensOf } from '../flows/site.ts'
import type { Visitor } from '../support/http.ts'
import { type Enrolled, goThrough, type Member, openMembers, pageOf } from './member.ts'

export const clients = {
  shop: {},
  required: { second_factor: 'required' },
  enrolled: { second_factor: 'when_enrolled' },
  off: { second_factor: 'off' },
  vault: { require_authenticator: true },
}
export type Client = keyof typeof clients

export const site = await openMembers(
  { after },
  { sign_in_experience: { methods: ['password', 'email-code', 'sms-code', 'passkey'] } },
  Object.entries(clients)
    .filter(([clientId]) => clientId !== 'shop')
    .map(([clientId, registration]) => ({ clientId, registration })),
)
export const partyOf = (client: Client) => site.parties[Object.keys(clients).indexOf(client)]!

/** Signed in before, by this first factor at that application. */
interface Earlier {
  first: string
  at: Client
}

export interface Row {
  has: readonly Enrolled[]
  first: string
  at: Client
  ask?: Record<string, string>
  earlier?: Earlier
  /** Pages beside the one for the identifier. */
  pages: string
  amr: string
  acr: 'aal1' | 'aal2' | 'phr'
}

export const aal2 = { acr_values: 'aal2' }
export const essential = {
  claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'aal2' } } }),
}

export const row = (
  has: string,
  first: string,
  at: Client,
  pages: string,
  amr: string,
  acr: Row['acr'],
  more: Pick<Row, 'ask' | 'earlier'> = {},
): Row => ({ has: has.split(' ') as Enrolled[], first, at, pages, amr, acr, ...more })

/** Half a sign-in is none: whatever its browser tries, from any page of it. */
async function assertNothingOpens(person: Visitor, { id }: Member, at: string): Promise<void> {
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
  assert.equal((await copy().open('/account/api/me')).status, 401)
  for (const grant of [
    { grant_type: 'authorization_code', code: uid, redirect_uri: site.shop.redirectUri },
    { grant_type: 'refresh_token', refresh_token: uid },
  ]) {
    const { status } = await copy().post('/oidc/token', { ...grant, client_id: 'shop' })
    assert.ok([400, 401].includes(status))
  }
  // Whoever has codes to save has proven everything, and may go on.
  const saved = at === 'backup-codes' ? '' : 'on'
  for (const jump of [
    copy().open(`/oidc/auth/${uid}`),
    copy().post(`/interaction/${uid}/consent`, { decision: 'allow' }),
    copy().post(`/interaction/${uid}/profile`, { saved, name: 'Mallory' }),
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

/** A test for each row. */
export const check = (rows: readonly Row[]): void => {
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
            if (!ask.prompt)
              assert.notEqual(await silent(), null, 'less than was asked for opens it')
          } else if (proven) await assertNothingOpens(arrival.person, member, page)
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
}
