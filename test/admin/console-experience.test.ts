import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
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
const server = await startServer({ after }, { config: { clients: [shop.registration] } })
await shop.discover(server)
const { owner } = await becomeOwner(server)
const open = (path: string) => owner.open(`${server.baseUrl}/admin/experience/${path}`)

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
