/** People with what they have set up, made by a program, and how they get through their pages. */
import assert from 'node:assert/strict'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import { defaultSettings } from '#src/settings/defaults.ts'
import { passkeyMethod } from '#src/verification/passkey/index.ts'
import { type Api, accessToken, apiOf, program } from '../admin/api.ts'
import { totpCode } from '../browser/authenticator.ts'
import { answerPasskey } from '../flows/passkeys.ts'
import { goodPassword } from '../flows/people.ts'
import { headingOf, openSite, type Site } from '../flows/site.ts'
import type { Visit, Visitor } from '../support/http.ts'
import type { RelyingPartyOptions } from '../support/relying-party.ts'
import type { Scope } from '../support/scope.ts'
import { type SoftAuthenticator, softAuthenticator } from '../support/soft-passkeys.ts'

export type Enrolled = 'email' | 'phone' | 'password' | 'totp' | 'username' | 'passkey'

export interface Member {
  id: string
  email: string | null
  phone: string | null
  username: string | null
  password: string | null
  /** Base32; null without an authenticator app. */
  key: string | null
  /** What holds their passkey. */
  device: SoftAuthenticator | null
}

export interface SecondFactorSite extends Site {
  api: Api
  member(has: readonly Enrolled[]): Promise<Member>
}

const ops = program('ops')
const secrets = ['a-secret-for-tests-only-a-secret-for-tests-only']
const methods = ['password', 'email-code', 'sms-code']
const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
let count = 0

/** A server with a shop, and with a program that may do everything. */
export async function openMembers(
  owner: Scope,
  config: { sign_in_experience?: object } & Record<string, unknown> = {},
  others: readonly RelyingPartyOptions[] = [],
): Promise<SecondFactorSite> {
  const site = await openSite(
    owner,
    {
      ...config,
      sign_in_experience: {
        identifiers: ['email', 'phone', 'username'],
        methods,
        profile: [],
        ...config.sign_in_experience,
      },
    },
    [...others, { clientId: 'ops', clientSecret: ops.client_secret, registration: ops }],
  )
  const api = apiOf(site.server, await accessToken(site.server, 'ops'))
  const sealed = keyring(secrets, 'totp')

  return {
    ...site,
    api,
    async member(has) {
      count += 1
      const of = <T>(what: Enrolled, value: T): T | null => (has.includes(what) ? value : null)
      const number = String(count).padStart(4, '0')
      const email = of('email', `member${number}@example.com`)
      const phone = of('phone', `+1201555${number}`)
      const username = of('username', `member${number}`)
      const password = of('password', goodPassword)
      const verified = Object.entries({ email, phone, username }).flatMap(([type, value]) =>
        value === null ? [] : [{ type, value, verified: true }],
      )
      const { status, body } = await api.call('POST', '/users', {
        name: 'Mia Member',
        identifiers: verified,
        ...(password ? { password } : {}),
      })
      assert.equal(status, 201, JSON.stringify(body))
      if (has.includes('totp')) {
        await site.sql('insert into totp_secrets (user_id, sealed, last_step) values ($1, $2, 0)', [
          body.id,
          sealed.seal(key, `totp_secrets/${body.id}`),
        ])
      }
      const device = has.includes('passkey') ? await makePasskey(site, body.id) : null
      return { id: body.id, email, phone, username, password, key: of('totp', key), device }
    },
  }
}

/** A passkey as the pages of an account would make it. */
async function makePasskey({ server, sql }: Site, id: string): Promise<SoftAuthenticator> {
  const device = softAuthenticator({ origin: new URL(server.baseUrl).origin })
  const db: Db = {
    query: (_name, text, values) => sql(text, [...(values ?? [])]) as Promise<never>,
    transaction: (work) => work(db),
  }
  const method = passkeyMethod({
    db,
    settings: () => defaultSettings,
    baseUrl: server.baseUrl,
    now: () => new Date(),
  })
  const subject = `account:${id}`
  const options = await method.beginRegistration({ id, name: id, displayName: id }, subject)
  await method.register({ subject, userId: id }, device.create(options), {})
  return device
}

/** Which page this is, in a word; `back` where the relying party has its answer. */
export const pageOf = ({ left, forms, status, html, url, ...rest }: Visit): string => {
  if (left) return 'back'
  const has = (end: string) => forms.some(({ action }) => new URL(action).pathname.endsWith(end))
  if (html.includes('id="totp-key"')) return 'enrol-totp'
  const typed = forms.find(({ action }) => /\/verify\/(?!passkey)/.test(action))
  if (typed) return new URL(typed.action).pathname.split('/').at(-1)!
  const profile = forms.find(({ action }) => action.endsWith('/profile'))
  if (profile?.names.has('saved')) return 'backup-codes'
  if (profile) return profile.names.has('new_password') ? 'new-password' : 'profile'
  if (has('/resend')) return 'not-sent'
  const heading = headingOf({ html, url, left, forms, status, ...rest })
  if (has('/lost') || heading === 'You have lost your second factor') return 'lost'
  if (forms.some(({ names }) => names.has('account'))) return 'choose-account'
  if (has('/identify')) return 'identify'
  if (has('/consent')) return 'consent'
  if (has('/restart')) return 'restart'
  if (heading === 'Use your passkey') return 'passkey'
  if (heading === 'Create a passkey') return 'enrol-passkey'
  if (heading === 'Sign in faster next time') return 'offer-passkey'
  return `${status} ${heading}`
}

const read = new Map<string, Date>()

/** A code is good once: the next one is waited for. */
const nextCode = async (mail: Site['mail'], to: string): Promise<string> => {
  const { code, createdAt } = await mail.messageFor(to, read.get(to))
  read.set(to, new Date(createdAt))
  return code ?? ''
}

const usePasskey = (person: Visitor, { device }: Member): Promise<Visit> => {
  assert.ok(device, person.here().text)
  return answerPasskey(person, device)
}

/** Answers the page that is due as its owner would; `first` is what they begin with. */
export async function answer(
  { mail }: Pick<Site, 'mail'>,
  person: Visitor,
  member: Member,
  { first, trust = false }: { first: string; trust?: boolean },
): Promise<Visit> {
  const page = pageOf(person.here())
  const mark = trust && person.here().forms.some(({ names }) => names.has('trust_device'))
  const more = mark ? { trust_device: 'on' } : {}
  const identifier = first === 'sms-code' ? member.phone : (member.email ?? member.username)
  switch (page) {
    case 'identify':
      if (first === 'passkey') return usePasskey(person, member)
      return person.submit('identify', {
        identifier: identifier ?? member.phone ?? '',
        ...(member.device ? { passkey_support: 'ask' } : {}),
      })
    case 'passkey':
      return usePasskey(person, member)
    case 'choose-account':
      return person.submit(({ names }) => names.has('account'), { account: 'other' })
    case 'password':
      return person.submit('verify/password', { password: member.password ?? goodPassword })
    case 'email-code':
      return person.submit('verify/email-code', {
        code: await nextCode(mail, member.email ?? ''),
        ...more,
      })
    case 'sms-code':
      return person.submit('verify/sms-code', {
        code: await nextCode(mail, member.phone ?? ''),
        ...more,
      })
    case 'totp': {
      const code = (ahead: number) => totpCode(member.key ?? '', ahead)
      const visit = await person.submit('verify/totp', { code: code(0), ...more })
      // That of this half-minute may have been spent by a sign-in before.
      return pageOf(visit) === 'totp'
        ? person.submit('verify/totp', { code: code(1), ...more })
        : visit
    }
    case 'enrol-totp': {
      const shown = /<code id="totp-key"[^>]*>([^<]+)</.exec(person.here().html)?.[1] ?? ''
      return person.submit('verify/totp', { code: totpCode(shown) })
    }
    case 'backup-codes':
      return person.submit('profile', { saved: 'on' })
    case 'new-password':
      return person.submit('profile', { new_password: goodPassword })
    case 'restart':
      return person.submit('restart')
    default:
      throw new assert.AssertionError({ message: `Nobody answers ${page}: ${person.here().text}` })
  }
}

/** Goes on until the relying party has its answer, and says which pages that took. */
export async function goThrough(
  site: Pick<Site, 'mail'>,
  person: Visitor,
  member: Member,
  options: { first: string; trust?: boolean; each?: (page: string) => Promise<void> },
): Promise<string[]> {
  const pages: string[] = []
  while (!person.here().left) {
    const page = pageOf(person.here())
    assert.ok(pages.length < 12, `It goes on and on: ${pages.join(' ')}`)
    const other = person
      .here()
      .forms.some(({ action }) => action.endsWith(`/start/${options.first}`))
    if (pages.every((seen) => seen === 'identify') && page !== options.first && other) {
      await person.submit(`start/${options.first}`)
      continue
    }
    pages.push(page)
    await options.each?.(page)
    await answer(site, person, member, options)
  }
  return pages
}

/** Which pages a new sign-in with the password takes. */
export async function pagesFor(
  site: SecondFactorSite,
  member: Member,
  person: Visitor,
  parameters = {},
): Promise<string[]> {
  const first = 'password'
  await site.arrive({ prompt: 'login', ...parameters }, { person })
  const pages: string[] = []
  while (!person.here().left && pageOf(person.here()) !== 'enrol-totp') {
    pages.push(pageOf(person.here()))
    if (pages.at(-1) !== 'identify' && pages.at(-1) !== 'password') return pages
    await answer(site, person, member, { first })
  }
  return person.here().left ? pages : [...pages, 'enrol-totp']
}
