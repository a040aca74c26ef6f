/** Everything that people and applications do in production, with every secret that was in it. */
import assert from 'node:assert/strict'
import { totpCode } from '../browser/authenticator.ts'
import { type Visitor, visitor } from '../support/http.ts'
import type { Asked } from '../support/loopback.ts'
import type { RelyingParty, Tokens } from '../support/relying-party.ts'
import { refuses } from '../support/twilio-double.ts'
import { codeIn, linkIn, type Production } from './production.ts'
import type { Secret } from './search.ts'

export const phone = '+12015550171'
export const refusedPhone = '+12015550172'
export const email = 'leaky.lea@mail.example.com'
const resource = 'https://api.example.com'

/**
 * @param pause called whenever a secret is out with someone
 */
export async function fullRun(
  { server, twilio, textTo, emailTo }: Production,
  shop: RelyingParty,
  pause: () => Promise<void>,
): Promise<Secret[]> {
  const secrets: Secret[] = []
  const keep = (name: string, value: string | undefined | null): string => {
    assert.ok(value, `There is no ${name}`)
    secrets.push({ name, value })
    return value
  }
  const keepAddress = (name: string, value: string) =>
    secrets.push({ name, value, inDatabase: true })

  const watched = {
    ...server,
    fetch: async (url: string | URL, how?: Asked) => {
      const answer = await server.fetch(url, how)
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        // Those without a signature hold the uid of a sign-in, which opens nothing.
        const plain = /_lang$|_interaction$|_resume$/.test(name)
        if (value && !plain && !line.includes('1970')) keep(`cookie ${name}`, value)
      }
      return answer
    },
  }
  const keepTokens = (tokens: Partial<Tokens>) => {
    keep('access token', tokens.access_token)
    if (tokens.refresh_token) keep('refresh token', tokens.refresh_token)
    if (tokens.id_token) keep('ID token', tokens.id_token)
  }
  const scope = 'openid profile email phone offline_access'
  const authorize = async (person: Visitor, more: Record<string, string> = {}) => {
    const request = await shop.authorize({ scope, ...more })
    keep('code verifier', request.verifier)
    keep('state', request.state)
    await person.open(request.url)
    return request
  }
  const redeem = async (request: Awaited<ReturnType<typeof authorize>>, left: string | null) => {
    keep('authorization code', new URL(left ?? '').searchParams.get('code'))
    const tokens = await shop.exchange(request, left!)
    keepTokens(tokens)
    return tokens
  }

  // With a text message, and what an application then does with its tokens.
  const sam = visitor(watched)
  keepAddress('phone number', phone)
  const bySms = await authorize(sam)
  await sam.submit('identify', { identifier: phone })
  const smsCode = keep('SMS code', codeIn(await textTo(phone)))
  await pause()
  await sam.submit('verify/sms-code', { code: smsCode })
  const samTokens = await redeem(bySms, (await sam.submit('profile', { name: 'Sam' })).left)
  await shop.userinfo(samTokens)
  await shop.introspect(samTokens.access_token)
  keepTokens(await shop.refresh(samTokens))
  const api = await authorize(sam, { resource, scope: 'openid orders:read', prompt: 'none' })
  await redeem(api, sam.here().left)
  const pushed = await shop.push({ scope: 'openid', prompt: 'none' })
  keep('pushed request', new URL(pushed.url).searchParams.get('request_uri'))
  await pause()
  await sam.open(pushed.url)
  await redeem(pushed as never, sam.here().left)
  const again = await authorize(sam, {
    prompt: 'login',
    id_token_hint: samTokens.id_token!,
    login_hint: phone,
  })
  assert.ok(again.url)
  await pause()

  // With a link, which a stranger has opened before.
  const lea = visitor(watched)
  keepAddress('email address', email)
  const byLink = await authorize(lea)
  await lea.submit('identify', { identifier: email })
  const text = await emailTo(email)
  keep('email code', codeIn(text))
  const link = linkIn(text)
  keep('link', link.slice(link.lastIndexOf('/') + 1))
  const stranger = visitor(watched)
  await stranger.open(link)
  await stranger.post(link, {})
  await pause()
  await lea.open(link)
  await lea.submit(({ action }) => new URL(action).pathname.startsWith('/l/'))
  const leaTokens = await redeem(byLink, (await lea.submit('profile', { name: 'Lea' })).left)
  await lea.open(shop.logoutUrl(leaTokens))

  // With a password and each second factor, after a mistake.
  const password = keep('password', 'correct umbrellas stay green')
  const pat = visitor(watched)
  await authorize(pat)
  await pat.open(`${pat.here().url}?mode=create`)
  await pat.submit('identify', { identifier: 'pat' })
  await pat.submit('profile', { name: 'Pat', new_password: password })
  const shown = /<code id="totp-key"[^>]*>([^<]+)</.exec(pat.here().html)?.[1]
  const key = keep('TOTP secret', shown?.replaceAll(' ', ''))
  keep('TOTP secret as it is shown', shown)
  await pause()
  await pat.submit('verify/totp', { code: keep('TOTP code', totpCode(key)) })
  const backupCodes = [...pat.here().html.matchAll(/<li><code>([^<]+)/g)].map(([, code]) => code!)
  assert.equal(backupCodes.length, 10)
  for (const code of backupCodes) {
    keep('backup code', code)
    keep('backup code without dashes', code.replaceAll(/\W/g, ''))
  }
  await pause()
  await pat.submit('profile', { saved: 'on' })
  for (const second of ['totp', 'backup-code'] as const) {
    const there = visitor(watched)
    const request = await authorize(there)
    await there.submit('identify', { identifier: 'pat' })
    const wrong = keep('wrong password', 'incorrect umbrellas turn grey')
    await there.submit('verify/password', { password: wrong })
    await there.submit('verify/password', { password })
    if (second === 'backup-code') await there.submit('start/backup-code')
    const code = second === 'totp' ? totpCode(key, 1) : backupCodes[3]!
    const { left } = await there.submit(`verify/${second}`, { code })
    await redeem(request, left)
  }

  // A new password, after the old one was forgotten.
  const forgetful = visitor(watched)
  const reset = await authorize(forgetful)
  await forgetful.open(`${forgetful.here().url}?mode=reset`)
  await forgetful.submit('identify', { identifier: email })
  const resetCode = keep('reset code', codeIn(await emailTo(email, 1)))
  await forgetful.submit('verify/email-code', { code: resetCode })
  const newPassword = keep('new password', 'forgotten umbrellas come back')
  const { left } = await forgetful.submit('profile', { new_password: newPassword })
  await redeem(reset, left)

  // A device, an application by itself, and some that may not.
  const credentials = `shop:${shop.registration.client_secret}`
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  const ask = async (path: string, fields: Record<string, string>, headers = { authorization }) => {
    const body = new URLSearchParams(fields)
    const answer = await server.fetch(`${server.issuer}/${path}`, { method: 'POST', body, headers })
    return (await answer.json()) as Record<string, string>
  }
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const device = await ask('device/auth', { scope: 'openid' })
  const deviceCode = keep('device code', device.device_code)
  const userCode = keep('user code', device.user_code)
  keep('user code without its dash', userCode.replaceAll('-', ''))
  await pause()
  await sam.open(`/oidc/device?user_code=${userCode}`)
  await sam.submit('device', { user_code: userCode })
  await sam.submit(({ names }) => names.has('confirm'), { confirm: 'yes' })
  keepTokens(await ask('token', { grant_type, device_code: deviceCode }))
  const own = await ask('token', {
    grant_type: 'client_credentials',
    scope: 'orders:read',
    resource,
  })
  keep('access token of the application', own.access_token)
  const guessed = keep('wrong client secret', 'a-client-secret-that-was-guessed')
  await ask(
    'token',
    { grant_type: 'client_credentials', client_secret: guessed, client_id: 'shop' },
    {} as never,
  )
  await ask('token', {
    grant_type: 'refresh_token',
    refresh_token: keep('refresh token of nobody', 'refresh-token-of-nobody-5521'),
  })
  await server.fetch(`${server.issuer}/me`, {
    headers: {
      authorization: `Bearer ${keep('bearer token of nobody', 'bearer-token-of-nobody-7732')}`,
    },
  })
  await server.fetch(
    `${server.baseUrl}/l/${keep('link of nobody', 'link_of_nobody_AAAAAAAAAAAAAAAAAAAAAAAAAAAA')}`,
  )

  // A vendor that refuses, and repeats the number.
  keepAddress('refused phone number', refusedPhone)
  twilio.answer = refuses(400, 21_211)
  const refused = visitor(watched)
  await authorize(refused)
  await refused.submit('identify', { identifier: refusedPhone })
  await textTo(refusedPhone)

  await shop.revoke(samTokens.refresh_token!)
  return secrets
}
