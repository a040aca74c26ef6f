/** A browser with two tabs, in which {@link file://./walk.ts} walks; and who may be in front of it. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Api } from '../admin/api.ts'
import { totpCode } from '../browser/authenticator.ts'
import { goodPassword } from '../flows/people.ts'
import { cookieJar } from '../support/cookies.ts'
import type { Form } from '../support/forms.ts'
import { type Visit, type Visitor, visitor } from '../support/http.ts'
import type { InboxMessage } from '../support/inbox.ts'
import type { AuthorizationRequest, RelyingParty } from '../support/relying-party.ts'
import type { Server } from '../support/server.ts'
import type { SoftAuthenticator } from '../support/soft-passkeys.ts'
import { pageOf } from './member.ts'
import type { Event, Fill } from './walk.ts'

export interface World {
  server: Server
  api: Api
  parties: readonly RelyingParty[]
  /** Holds the passkeys of everybody. */
  device: SoftAuthenticator
}

interface Sent {
  url: string
  fields: Record<string, string>
}

const asks: readonly Record<string, string>[] = [
  {},
  {},
  { acr_values: 'aal2' },
  { acr_values: 'phr' },
  { prompt: 'login' },
  { prompt: 'select_account' },
  { prompt: 'create' },
  { max_age: '0' },
  { claims: JSON.stringify({ id_token: { amr: { essential: true, values: ['pwd'] } } }) },
]
const steps = [
  'verify/password',
  'verify/totp',
  'verify/sms-code',
  'verify/email-code',
  'verify/backup-code',
  'verify/passkey',
  'start/totp',
  'start/passkey',
  'skip',
  'profile',
  'consent',
  'resend',
  'lost',
  'restart',
  'identify',
]
const queries = ['', '?change=1', '?mode=reset', '?mode=create', '?lost=1', '?choose=1', '?sent=1']

let runs = 0

/** One run: three people, one browser, and everything that it remembers. */
export const openBrowser = async ({ server, api, parties, device }: World) => {
  const run = String(++runs).padStart(4, '0')
  const known = { email: `known${run}@example.com`, phone: `+1212555${run}` }
  const { status, body } = await api.call('POST', '/users', {
    name: 'Kim Known',
    identifiers: Object.entries(known).map(([type, value]) => ({ type, value, verified: true })),
    password: goodPassword,
  })
  assert.equal(status, 201, JSON.stringify(body))
  const fresh = [`new${run}@example.com`, `+1201555${run}`]
  const who = [known.email, known.phone, fresh[0]!, 'nobody', '', fresh[1]!]

  const jar = cookieJar()
  const tabs = [0, 1].map(() => visitor(server, {}, { jar, last: null }))
  const requests = new Map<string, { request: AuthorizationRequest; party: RelyingParty }>()
  const sent: Sent[] = []
  const seen: string[] = []
  const keys: string[] = []
  let backupCodes: string[] = []

  const messages = async (): Promise<InboxMessage[]> => {
    const answer = await server.fetch(`${server.baseUrl}/dev/inbox/messages`)
    const all = (await answer.json()) as InboxMessage[]
    return all.filter(({ to }) => who.includes(to))
  }
  const newest = async (channel: string): Promise<InboxMessage | undefined> =>
    (await messages()).filter((each) => each.channel === channel).at(-1)

  /** What belongs into each field, or what does not. */
  const filled = async (page: string, names: ReadonlySet<string>, fill: Fill) => {
    const fields: Record<string, string> = {}
    for (const name of names) {
      if (fill === 'empty') fields[name] = ''
      else if (name === 'identifier') fields[name] = fill === 'right' ? who[0]! : who[2]!
      else if (name === 'code') fields[name] = await codeFor(page, fill)
      else if (name === 'password')
        fields[name] = fill === 'right' ? goodPassword : 'some other words'
      else if (name === 'new_password') fields[name] = fill === 'wrong' ? 'short' : goodPassword
      else if (['saved', 'trust_device'].includes(name)) fields[name] = fill === 'right' ? 'on' : ''
      else if (name === 'account') fields[name] = 'other'
      else if (name === 'passkey_support') fields[name] = fill === 'right' ? 'ask quiet' : ''
      else if (name === 'name') fields[name] = 'Kim Known'
    }
    return fields
  }
  const codeFor = async (page: string, fill: Fill): Promise<string> => {
    if (fill === 'wrong') return '000000'
    if (page === 'totp') return totpCode(keys.at(-1) ?? 'JBSWY3DPEHPK3PXP')
    if (page === 'backup-code') return backupCodes.pop() ?? '0000-0000-0000-0000'
    const channel = (page === 'sms-code') === (fill === 'right') ? 'sms' : 'email'
    return (await newest(channel))?.code ?? '000000'
  }

  const note = (visit: Visit): Visit => {
    if (visit.url.includes('/interaction/')) seen.push(visit.url)
    const shown = /<code id="totp-key"[^>]*>([^<]+)</.exec(visit.html)?.[1]
    if (shown && keys.at(-1) !== shown) keys.push(shown)
    if (pageOf(visit) === 'backup-codes') {
      backupCodes = [...visit.html.matchAll(/<li><code>([^<]+)</g)].map(([, code]) => code!)
    }
    return visit
  }
  const post = async (tab: Visitor, url: string, fields: Record<string, string>) => {
    sent.push({ url, fields })
    return note(await tab.post(url, fields))
  }
  const isHere = (tab: Visitor, base: RegExp) => base.exec(tab.here().url)?.[0] ?? null
  const base = (tab: Visitor) => isHere(tab, /^.*\/interaction\/[\w-]+/)

  const arrive = async (tab: Visitor, ask: number, at: number): Promise<Visit> => {
    const party = parties[at % parties.length]!
    const request = await party.authorize({ scope: 'openid', ...asks[ask % asks.length] })
    requests.set(request.state, { request, party })
    return note(await tab.open(request.url))
  }
  const send = async (tab: Visitor, form: Form | undefined, fill: Fill) => {
    if (!form) return null
    const { pathname } = new URL(form.action)
    if (form.method === 'GET') return note(await tab.open(form.action))
    if (!pathname.startsWith('/interaction/')) return null
    const fields = await filled(pathname.split('/').at(-1)!, form.names, fill)
    const button = form.buttons[0]
    return post(tab, form.action, {
      ...form.values,
      ...(button ? { [button.name]: button.value } : {}),
      ...fields,
    })
  }

  /** Asks for a new message and gives its code; null where none comes, or none is needed any more. */
  const freshCode = async (tab: Visitor, channel: string): Promise<string | null> => {
    const before = (await newest(channel))?.id
    await post(tab, `${base(tab)}/resend`, {})
    if (!isOpen(tab)) return null
    for (let tries = 0; tries < 40; tries++) {
      const message = await newest(channel)
      if (message && message.id !== before) return message.code
      await sleep(25)
    }
    return null
  }

  /** Makes a passkey or uses one, as the page wants; null where it wants none, or none that is here. */
  const passkey = async (tab: Visitor, whosever: boolean): Promise<Visit | null> => {
    const visit = await tab.copy().post(`${base(tab)}/passkey`, {})
    assert.ok(visit.status < 500, visit.text)
    const asked = visit.status === 200 ? JSON.parse(visit.html) : {}
    const url = `${base(tab)}/verify/passkey`
    if (asked.create) return post(tab, url, { passkey: device.create(asked.create) })
    const own: string[] = asked.get?.allowCredentials.map(({ id }: { id: string }) => id) ?? []
    const key = device.keys.findLast(({ id }) => whosever || own.includes(id.toString('base64url')))
    return asked.get && key ? post(tab, url, { passkey: device.get(asked.get, {}, key) }) : null
  }

  /** What its owner would do on this page; null where there is nothing to do but to wait. */
  const answer = async (tab: Visitor): Promise<Visit | null> => {
    const page = pageOf(tab.here())
    const form = (end: string) => tab.here().forms.find(({ action }) => action.endsWith(end))
    switch (page) {
      case 'back':
        return tab.here()
      case 'sms-code':
      case 'email-code': {
        const code = await freshCode(tab, page === 'sms-code' ? 'sms' : 'email')
        if (code !== null) return post(tab, `${base(tab)}/verify/${page}`, { code })
        // The other tab has signed in meanwhile.
        if (!isOpen(tab)) return tab.here()
        // Nothing is sent to those whom nobody knows: then one is somebody else.
        return note(await tab.open(`${base(tab)}?change=1`))
      }
      case 'totp':
        for (const key of keys.toReversed()) {
          for (const ahead of [0, 1]) {
            const visit = await post(tab, `${base(tab)}/verify/totp`, {
              code: totpCode(key, ahead),
            })
            if (pageOf(visit) !== 'totp') return visit
          }
        }
        if (backupCodes.length === 0) return null
        return send(tab, form('/start/backup-code'), 'right')
      case 'passkey':
      case 'enrol-passkey':
      case 'offer-passkey':
        return passkey(tab, false)
      case 'not-sent':
        return send(tab, form('/resend'), 'right')
      case 'lost':
        return note(await tab.open(base(tab)!))
      case 'choose-account':
        return send(
          tab,
          tab.here().forms.find(({ names }) => names.has('account')),
          'right',
        )
      case 'restart':
        return send(tab, form('/restart'), 'right')
      case 'enrol-totp':
        return post(tab, `${base(tab)}/verify/totp`, { code: totpCode(keys.at(-1)!) })
      case 'backup-codes':
      case 'new-password':
      case 'profile':
        return send(tab, form('/profile'), 'right')
      case 'password': {
        const visit = await send(tab, form('/verify/password'), 'right')
        // Whoever has none, or another, takes one of the other ways.
        const other = tab.here().forms.find(({ action }) => /\/start\/(email|sms)-/.test(action))
        return other && pageOf(tab.here()) === 'password' ? send(tab, other, 'right') : visit
      }
      case 'backup-code':
        return send(tab, form('/verify/backup-code'), 'right')
      case 'identify':
        return send(tab, form('/identify'), 'right')
      default:
        throw new assert.AssertionError({ message: `A dead end: ${page}: ${tab.here().text}` })
    }
  }

  /** Does what an event says, where it can be done; null where it can not. */
  const step = async (event: Event): Promise<Visit | null> => {
    const tab = tabs[event.tab]!
    if (event.do === 'arrive') return arrive(tab, event.ask, event.at)
    if (event.do === 'back') {
      const url = seen[event.which % Math.max(seen.length, 1)]
      return url ? note(await tab.open(url)) : null
    }
    if (seen.length === 0) return null
    if (event.do === 'replay') {
      const again = sent[event.which % Math.max(sent.length, 1)]
      return again ? note(await tab.post(again.url, again.fields)) : null
    }
    const at = isOpen(tab) ? base(tab) : null
    if (!at) return null
    switch (event.do) {
      case 'passkey':
        return passkey(tab, true)
      case 'reload':
        return note(await tab.open(`${at}${queries[event.query % queries.length]}`))
      case 'answer':
        return answer(tab)
      case 'send': {
        const { forms } = tab.here()
        return send(tab, forms[event.form % Math.max(forms.length, 1)], event.fill)
      }
      case 'identify':
        return post(tab, `${at}/identify`, {
          identifier: who[event.who % who.length]!,
          region: 'US',
        })
      case 'jump': {
        const path = steps[event.step % steps.length]!
        const names = new Set(['code', 'password', 'new_password', 'saved', 'decision'])
        return post(tab, `${at}/${path}`, await filled(path.split('/').at(-1)!, names, event.fill))
      }
    }
  }

  const isOpen = (tab: Visitor): boolean => {
    try {
      return tab.here().left === null
    } catch {
      return false
    }
  }

  return { tabs, step, answer, isOpen, requests }
}

export type Browser = Awaited<ReturnType<typeof openBrowser>>
