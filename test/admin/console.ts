/** What the tests of the console share: the owner, signed in with a password and an app. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { totpCode } from '../browser/authenticator.ts'
import { type Visitor, visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import type { Server } from '../support/server.ts'

export const ownerEmail = 'owner@example.com'
export const ownerPassword = 'seven green umbrellas'

/** The link that the server prints once it listens; @param printed how many starts have */
export const ownerLink = async (server: Server, printed = 1): Promise<string> => {
  const deadline = Date.now() + 10_000
  for (;;) {
    const links = server.output().match(/http\S+\/admin\/claim\/[\w-]+/g) ?? []
    if (links.length >= printed) return links.at(-1)!
    assert.ok(Date.now() < deadline, `No link was printed:\n${server.output()}`)
    await sleep(50)
  }
}

/** Opens the printed link, makes the account, sets up the app, and is in the console. */
export const becomeOwner = async (server: Server): Promise<{ owner: Visitor; totpKey: string }> => {
  const owner = visitor(server)
  await owner.open(await ownerLink(server))
  await owner.submit((form) => !form.action.endsWith('/sign-in'), {
    name: 'Olga Owner',
    email: ownerEmail,
    new_password: ownerPassword,
  })
  const totpKey = await provePassword(server, owner)
  return { owner, totpKey }
}

/** From the sign-in page to wherever that leads; enrols an app where there is none. */
export const provePassword = async (
  server: Server,
  owner: Visitor,
  email = ownerEmail,
): Promise<string> => {
  const has = (end: string) => owner.here().forms.some(({ action }) => action.endsWith(end))
  if (has('/identify')) await owner.submit('identify', { identifier: email })
  if (!has('/verify/password')) await owner.submit('start/password')
  await owner.submit('verify/password', { password: ownerPassword })
  // Whoever adds a factor shows first what the account has.
  if (has('/verify/email-code')) {
    await owner.submit('verify/email-code', { code: await inbox(server).codeFor(email) })
  }
  const key = /id="totp-key"[^>]*>([\w\s]+)</.exec(owner.here().html)?.[1]?.replace(/\s/g, '')
  if (!key) return ''
  await owner.submit('verify/totp', { code: totpCode(key) })
  await owner.submit('profile', { saved: 'on' })
  return key
}
