import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { withBrowser } from '../support/browser.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import {
  askSilently,
  giveName,
  heading,
  identify,
  press,
  settings,
  signIn,
  type,
} from './journeys.ts'
import { linksIn, scan } from './scanner.ts'

const shop = await relyingParty({ after })
const strict = await relyingParty(
  { after },
  { clientId: 'strict', registration: { link_mode: 'same_browser' } },
)
const server = await startServer(
  { after },
  { config: { ...settings, clients: [shop.registration, strict.registration] } },
)
await shop.discover(server)
await strict.discover(server)
const mail = inbox(server)

/** Who is signed in anywhere: one entry for each session of a person. */
const signedIn = async (): Promise<string[]> => {
  const client = new pg.Client(server.databaseUrl!)
  await client.connect()
  const { rows } = await client.query(
    'select account_id from oidc_sessions where account_id is not null order by account_id',
  )
  await client.end()
  return rows.map(({ account_id: id }) => id)
}

test('after a scanner has pressed everything, the person signs in by that very link', async (t) => {
  const [person, scanner] = [await withBrowser(t), await withBrowser(t)]
  const already = await signedIn()
  const tokens = await signIn(shop, person.page, { amr: ['email'], acr: 'aal1' }, async (page) => {
    await identify(page, 'scanned@example.com')
    await heading(page, 'Check your email')
    const message = await mail.messageFor('scanned@example.com')
    assert.ok(linksIn(message).includes(message.link!))
    for (const link of linksIn(message)) await scan(scanner.page, link)
    assert.deepEqual(await signedIn(), already, 'the scanner signs nobody in')

    const tab = await page.context().newPage()
    await tab.goto(message.link!)
    await giveName(tab, 'Sally Scanned')
  })

  assert.deepEqual(await signedIn(), [...already, tokens.claims()!.sub].sort())
  assert.equal(await askSilently(shop, scanner.page), 'login_required')
  assert.equal(await askSilently(shop, person.page), null)

  // Nor does it help to look once more after the person has signed in.
  await scan(scanner.page, (await mail.messageFor('scanned@example.com')).link!)
  assert.equal(await askSilently(shop, scanner.page), 'login_required')
  person.assertNoComplaints()
})

test('after a scanner has pressed everything, the person signs in by the code that a phone shows', async (t) => {
  const [person, scanner, phone] = [
    await withBrowser(t),
    await withBrowser(t),
    await withBrowser(t),
  ]
  const already = await signedIn()
  const expected = { amr: ['otp', 'email'], acr: 'aal1' }
  const tokens = await signIn(shop, person.page, expected, async (page) => {
    await identify(page, 'handed@example.com')
    await heading(page, 'Check your email')
    const message = await mail.messageFor('handed@example.com')
    const seen: string[] = []
    for (const link of linksIn(message)) seen.push(...(await scan(scanner.page, link)))
    assert.ok(seen.join('\n').includes(message.code!), 'the scanner has pressed the button')

    await phone.page.goto(message.link!)
    await heading(phone.page, 'Continue where you started')
    await press(phone.page, 'Show the code')
    await heading(phone.page, 'Your code')
    const code = await phone.page.locator('#link-code').innerText()
    assert.equal(code, message.code, 'it is the code of the same message')
    assert.deepEqual(await signedIn(), already, 'the phone signs nobody in')

    await type(page, 'Code from the email', code)
    await press(page, 'Continue')
    await giveName(page, 'Hanna Handed')
  })

  assert.deepEqual(await signedIn(), [...already, tokens.claims()!.sub].sort())
  assert.equal(await askSilently(shop, scanner.page), 'login_required')
  assert.equal(await askSilently(shop, phone.page), 'login_required')
  assert.equal(await askSilently(shop, person.page), null)
  person.assertNoComplaints()
  phone.assertNoComplaints()
})

test('where a client wants its links opened in the same browser, a scanner does not see the code', async (t) => {
  const [person, scanner] = [await withBrowser(t), await withBrowser(t)]
  const to = 'strict@example.com'
  await signIn(strict, person.page, { amr: ['email'], acr: 'aal1' }, async (page) => {
    await identify(page, to)
    const { link, code } = await mail.messageFor(to)
    for (const text of await scan(scanner.page, link!)) assert.ok(!text.includes(code!))
    const tab = await page.context().newPage()
    await tab.goto(link!)
    await giveName(tab, 'Stella Strict')
  })
  assert.equal(await askSilently(strict, scanner.page), 'login_required')
})
