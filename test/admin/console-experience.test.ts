import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Filled, visitor } from '../support/http.ts'
import { inbox } from '../support/inbox.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'

const shop = await relyingParty(
  { after },
  {
    registration: {
      client_name: 'Shop',
      branding: { color: '#b00020', logo_uri: 'https://shop.example/logo.png' },
    },
  },
)
const strict = await relyingParty(
  { after },
  { clientId: 'strict', registration: { link_mode: 'same_browser' } },
)
const server = await startServer(
  { after },
  { config: { clients: [shop.registration, strict.registration] } },
)
await shop.discover(server)
await strict.discover(server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/experience/${path}`)

/** Changes what is given on the page of the sign-in experience. */
const change = async (fields: Filled) => {
  await owner.open(`${server.baseUrl}/admin/experience`)
  return owner.submit('admin/experience', fields)
}

/** The first page that somebody without a session sees. */
const signInPage = async (language = 'en') => {
  const { url } = await shop.authorize({ ui_locales: language })
  return visitor(server, { 'accept-language': language }).open(url)
}

test('people read what an admin has written, in the language that it was written in', async () => {
  await open('words?language=en&area=identify')
  const saved = await owner.submit(
    ({ method, action }) => method === 'POST' && action.endsWith('/words'),
    { 'words.en.identify.heading-sign-in-app': 'Good day, {app} awaits you' },
  )
  assert.match(saved.text, /Saved/)
  assert.match((await signInPage()).text, /Good day, Shop awaits you/)
  assert.doesNotMatch((await signInPage('de')).text, /Good day/)

  await open('words?language=en&area=identify')
  await owner.submit(({ method, action }) => method === 'POST' && action.endsWith('/words'), {
    'words.en.identify.heading-sign-in-app': '',
  })
  assert.match((await signInPage()).text, /Sign in to Shop/)
})

test('words that could not stand where they are meant to are refused, and kept in the form', async () => {
  const cases: [text: string, why: RegExp][] = [
    ['Hello {nobody}', /fills in what is not there: nobody/],
    ['Hello {', /brace that is not closed/],
  ]
  for (const [text, why] of cases) {
    await open('words?language=en&area=identify')
    const {
      status,
      text: said,
      html,
    } = await owner.submit(({ method, action }) => method === 'POST' && action.endsWith('/words'), {
      'words.en.identify.heading-sign-in-app': text,
    })
    assert.equal(status, 422)
    assert.match(said, why)
    assert.ok(html.includes(`value="${text}"`))
  }
})

test('an application has its own colour and logo on the pages', async () => {
  const { html } = await signInPage()
  assert.match(html, /src="https:\/\/shop\.example\/logo\.png"/)
  assert.match(html, /brand\.b00020\./)
})

test('every page is shown in every state, in every language, light and dark', async () => {
  const { html } = await open('preview')
  const samples = [...html.matchAll(/<option value="([^"]+: [^"]+)"/g)].map(([, name]) =>
    name!.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'"),
  )
  assert.ok(samples.length > 40, String(samples.length))
  for (const sample of samples) {
    const query = new URLSearchParams({ sample, language: 'ar', scheme: 'dark', color: '#0a6b5c' })
    const { status, html: page, headers } = await open(`preview/frame?${query}`)
    assert.equal(status, 200, sample)
    assert.match(page, /<html lang="ar" dir="rtl">/, sample)
    assert.match(headers.get('content-security-policy') ?? '', /^sandbox allow-same-origin;/)
  }
  const dark = await open('preview/style.css?scheme=dark&color=%230a6b5c')
  assert.match(dark.html, /@media all/)
  assert.match(dark.html, /#0a6b5c/)
  const light = await open('preview/style.css?scheme=light')
  assert.doesNotMatch(light.html, /@media all/)
})

test('what is typed for a preview can not become anything else', async () => {
  for (const color of ['red;}body{display:none', '#12345', 'url(//evil)']) {
    const { html } = await open(`preview/style.css?${new URLSearchParams({ color })}`)
    assert.ok(!html.includes(color))
  }
  const name = '<script>alert(1)</script>'
  const query = new URLSearchParams({ name, sample: 'nothing', logo: 'javascript:alert(1)' })
  const { html } = await open(`preview/frame?${query}`)
  assert.doesNotMatch(html, /<script>alert|javascript:/)
})

test('a colour in which no button could be seen is refused, with its contrast, and nothing is saved', async () => {
  for (const color of ['#ffff00', '#9bd0ff', '#ffffff']) {
    const { status, text, html } = await change({ 'branding.color': color })
    assert.equal(status, 422, color)
    assert.match(text, /Colour of buttons and links ?: is too pale to be seen on white: \d/)
    assert.match(html, new RegExp(`name="branding.color"[^>]*value="${color}"|value="${color}"`))
  }
  assert.doesNotMatch((await signInPage()).html, /ffff00/)
  assert.equal((await change({ 'branding.color': '#7a3b00' })).status, 200)
  await change({ 'branding.color': '#1f5f8b' })
})

test('terms, privacy and help are linked from every page once they are set', async () => {
  await change({
    'branding.termsUri': 'https://shop.example/our-terms',
    'branding.privacyUri': 'https://shop.example/our-privacy',
    'branding.helpUri': 'https://shop.example/our-help',
  })
  const { html } = await signInPage()
  for (const part of ['terms', 'privacy', 'help']) {
    assert.match(html, new RegExp(`href="https://shop.example/our-${part}"`))
  }
})

test('people choose among the languages that are offered, and the console keeps its own', async () => {
  const missing = await change({ 'signIn.languages.offered': ['de', 'ar'] })
  assert.equal(missing.status, 422)
  assert.match(missing.text, /has to be one of the languages that are offered/)
  const saved = await change({
    'signIn.languages.offered': ['de', 'ar'],
    'signIn.languages.default': 'de',
  })
  assert.match(saved.text, /Saved/)
  const { html } = await signInPage('en')
  assert.match(html, /<html lang="de"/)
  assert.match(html, /<option value="ar"/)
  assert.doesNotMatch(html, /<option value="en"/)
  await change({ 'signIn.languages.offered': [], 'signIn.languages.default': 'en' })
  assert.match((await signInPage('en')).html, /<html lang="en"/)
})

test('what a link does elsewhere is set for all, and an application may say something else', async () => {
  const mail = inbox(server)
  const landing = async (party: typeof shop, to: string) => {
    const person = visitor(server)
    const { url } = await party.authorize({})
    await person.open(url)
    await person.submit('identify', { identifier: to })
    return (await visitor(server).open(await mail.linkFor(to))).text
  }
  assert.match(await landing(shop, 'one@example.com'), /Show (?:my|the) code/i)
  assert.doesNotMatch(await landing(strict, 'two@example.com'), /Show (?:my|the) code/i)
  await change({ 'signIn.linkMode': 'same_browser' })
  assert.doesNotMatch(await landing(shop, 'three@example.com'), /Show (?:my|the) code/i)
  await change({ 'signIn.linkMode': 'code_handoff' })
})

test('a second factor is asked for as the policy says', async () => {
  const afterCode = async (to: string) => {
    const person = visitor(server)
    const { url } = await shop.authorize({})
    await person.open(url)
    await person.submit('identify', { identifier: to })
    await person.submit('verify/email-code', { code: await inbox(server).codeFor(to) })
    if (person.here().forms.some(({ names }) => names.has('name'))) {
      await person.submit('profile', { name: 'Anna' })
    }
    return person.here()
  }
  assert.ok((await afterCode('anna@example.com')).left, 'back at the application')
  await change({ 'signIn.mfa.afterPasswordless': 'required' })
  const asked = await afterCode('berta@example.com')
  assert.equal(asked.left, null)
  assert.match(asked.text, /authenticator app/)
  await change({ 'signIn.mfa.afterPasswordless': 'when_enrolled' })
})

test('the preview shows what is typed, before it is saved and in no other place', async () => {
  const typed = await change({
    'branding.name': 'Blue Door',
    'branding.color': '#004488',
    'signIn.identifiers': ['phone'],
    'signIn.methods': ['sms-code'],
    language: 'de',
    scheme: 'dark',
    do: 'preview',
  })
  assert.equal(typed.status, 200)
  assert.match(typed.html, /name="branding.name"[^>]*value="Blue Door"|value="Blue Door"/)
  const [, src] = /<iframe[^>]*src="([^"]+)"/.exec(typed.html)!
  const frame = await owner.copy().open(new URL(src!.replaceAll('&amp;', '&'), server.baseUrl).href)
  assert.match(frame.html, /<html lang="de"/)
  assert.match(frame.text, /Blue Door/)
  assert.match(frame.text, /Telefonnummer/)
  assert.doesNotMatch(frame.text, /E-Mail/)
  assert.match(frame.html, /style\.css\?color=%23004488&amp;scheme=dark/)
  assert.match(frame.html, /name="region"/)
  assert.match(frame.text, /Konto erstellen/)
  assert.doesNotMatch(frame.html, /class="passkey"/)
  assert.doesNotMatch((await signInPage()).text, /Blue Door/)

  const narrow = await change({
    'signIn.identifiers': ['email', 'username'],
    'signIn.methods': ['email-link', 'password', 'passkey'],
    'signIn.registration': 'closed',
    do: 'preview',
  })
  const [, narrowSrc] = /<iframe[^>]*src="([^"]+)"/.exec(narrow.html)!
  const real = await owner
    .copy()
    .open(new URL(narrowSrc!.replaceAll('&amp;', '&'), server.baseUrl).href)
  assert.doesNotMatch(real.html, /name="region"/)
  assert.doesNotMatch(real.text, /Create an account/)
  assert.match(real.html, /<form class="passkey"(?![^>]* hidden)/)

  await open('words?language=en&area=identify')
  const words = await owner.submit(
    ({ method, action }) => method === 'POST' && action.endsWith('/words'),
    { 'words.en.identify.heading-sign-in-app': 'Come in, {app} is open', do: 'preview' },
  )
  const [, shown] = /<iframe[^>]*src="([^"]+)"/.exec(words.html)!
  const said = await owner
    .copy()
    .open(new URL(shown!.replaceAll('&amp;', '&'), server.baseUrl).href)
  assert.match(said.text, /Come in, Alpine Shop is open/)
  assert.doesNotMatch((await signInPage()).text, /Come in/)
})
