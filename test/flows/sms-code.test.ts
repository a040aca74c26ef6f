import assert from 'node:assert/strict'
import { test } from 'node:test'
import { visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'

test('a person registers and signs in with a code by text message', async (t) => {
  const shop = await relyingParty(t)
  const server = await startServer(t, { config: { clients: [shop.registration] } })
  await shop.discover(server)
  const person = visitor(server)
  const mail = inbox(server)

  const request = await shop.authorize({ scope: 'openid profile phone offline_access' })
  await person.open(request.url)
  await person.submit('identify', { identifier: '+1 201 555 0123' })
  const code = await mail.codeFor('+12015550123')
  const profile = await person.submit('verify/sms-code', { code })
  console.log(profile.status, profile.url, profile.text.slice(0, 300))
  const back = await person.submit('profile', { name: 'Anna Muster' })
  console.log(back.hops, back.left)
  const tokens = await shop.exchange(request, back.left!)
  console.log(tokens.claims(), Object.keys(tokens), tokens.scope)
  console.log(await shop.userinfo(tokens))
  const again = await shop.refresh(tokens)
  console.log(again.claims())
  console.log(server.output().slice(-2000))
  assert.ok(again)
})
