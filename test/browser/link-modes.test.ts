/** Links that are opened on another device, in the modes that an application can choose. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { axe, withBrowser } from '../support/browser.ts'
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

const shop = await relyingParty({ after }, { registration: { link_mode: 'number_match' } })
const server = await startServer(
  { after },
  {
    config: {
      ...settings,
      clients: [shop.registration],
      sign_in_experience: { ...settings.sign_in_experience, link_mode: 'sign_in_here' },
    },
  },
)
await shop.discover(server)
const mail = inbox(server)
const phoneSize = { viewport: { width: 320, height: 640 }, colorScheme: 'dark' } as const

test('a phone asks for the number of the first screen, which then goes on by itself', async (t) => {
  const [person, scanner, phone] = [
    await withBrowser(t),
    await withBrowser(t),
    await withBrowser(t, phoneSize),
  ]
  const to = 'number@example.com'
  await signIn(shop, person.page, { amr: ['email'], acr: 'aal1' }, async (page) => {
    await identify(page, to)
    await heading(page, 'Check your email')
    const { link } = await mail.messageFor(to)
    await phone.page.goto(link!)
    await heading(phone.page, 'Are you signing in?')
    assert.deepEqual(await axe(phone.page), [])
    assert.deepEqual(await axe(page), [])
    const [approve, deny] = await Promise.all(
      ['Yes, it is me', 'No, it is not me'].map((name) =>
        phone.page.getByRole('button', { name }).boundingBox(),
      ),
    )
    assert.deepEqual([deny!.width, deny!.height], [approve!.width, approve!.height])
    const number = await page.locator('.shown-code strong').innerText()
    await type(phone.page, 'Number on the other screen', number)
    await press(phone.page, 'Yes, it is me')
    await heading(phone.page, 'Go back to the other screen')
    await giveName(page, 'Nora Number')
  })
  assert.equal(await askSilently(shop, phone.page), 'login_required')

  // A scanner presses "no" as well: nobody is signed in by it, and the code is still there.
  const before = new Date()
  await person.context.clearCookies()
  await signIn(shop, person.page, { amr: ['otp', 'email'], acr: 'aal1' }, async (page) => {
    await identify(page, to)
    const message = await mail.messageFor(to, before)
    for (const link of linksIn(message)) {
      for (const text of await scan(scanner.page, link)) assert.ok(!text.includes(message.code!))
    }
    await page.getByText('said that it was not them').waitFor()
    await type(page, 'Code from the email', message.code!)
    await press(page, 'Continue')
  })
  assert.equal(await askSilently(shop, scanner.page), 'login_required')
  person.assertNoComplaints()
  phone.assertNoComplaints()
})

test('on a phone, the code of the message signs the phone in to the application', async (t) => {
  const [person, phone] = [await withBrowser(t), await withBrowser(t, phoneSize)]
  await person.page.goto(server.demoUrl)
  await person.page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await identify(person.page, 'here@example.com')
  await heading(person.page, 'Check your email')
  const { link, code } = await mail.messageFor('here@example.com')
  await phone.page.goto(link!)
  await heading(phone.page, 'Continue where you started')
  assert.deepEqual(await axe(phone.page), [])
  await type(phone.page, 'Code in the message', code!)
  await press(phone.page, 'Sign in on this device')
  await giveName(phone.page, 'Hera Here')
  await heading(phone.page, /Signed in/)
  assert.equal(new URL(phone.page.url()).origin, new URL(server.demoUrl).origin)
  await person.page.getByText('You have gone on in another browser').waitFor()
  assert.deepEqual(await axe(person.page), [])
  phone.assertNoComplaints()
  person.assertNoComplaints()
})
