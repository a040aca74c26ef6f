import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { newMember } from '../oidc/provider.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'

const shop = await relyingParty({ after })
const server = await startServer(
  { after },
  { config: { clients: [shop.registration], sign_in_experience: { profile: [] } } },
)
await shop.discover(server)
const { owner } = await becomeOwner(server)

const stateOf = (text: string, heading: string) =>
  new RegExp(`(Done|To do|Advice) ${heading}`).exec(text)?.[1]

test('the first sign-in is somebody at an application, not the owner here', async () => {
  const before = await owner.open(`${server.baseUrl}/admin`)
  assert.equal(stateOf(before.text, 'First application'), 'Done')
  assert.equal(stateOf(before.text, 'First sign-in'), 'To do')
  await newMember(server).signIn(shop)
  const now = await owner.open(`${server.baseUrl}/admin`)
  assert.equal(stateOf(now.text, 'First sign-in'), 'Done')
})

test('each thing that is left has one button that leads to where it is done', async () => {
  const { html } = await owner.open(`${server.baseUrl}/admin`)
  const hrefs = [...html.matchAll(/class="secondary" href="(\/admin\/[^"]+)"/g)].map(
    ([, href]) => href!,
  )
  assert.ok(hrefs.length > 3)
  for (const href of new Set(hrefs)) {
    assert.equal((await owner.open(`${server.baseUrl}${href}`)).status, 200, href)
  }
})
