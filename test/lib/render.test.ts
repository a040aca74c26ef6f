import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Assets, loadAssets } from '#src/lib/assets.ts'
import { loadLocales } from '#src/lib/i18n.ts'
import type { Page } from '#src/lib/page.ts'
import { direction, getForm, loadViews, pieces, webHref } from '#src/lib/render.ts'

const assets: Assets = loadAssets('views/assets')
const t = loadLocales('views/locales').translator('en')

const viewsOf = (context: TestContext, files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'avouch-views-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const parts = { 'layout.pug': 'mixin frame()\n  main\n    block\n', 'mixins.pug': '' }
  for (const [path, source] of Object.entries({ ...parts, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), source)
  }
  return folder
}

const page = { brand: '<b>"Avouch"</b>', t } as unknown as Page

test('a view is drawn with what it is given, and all of it is escaped', async (context) => {
  const directory = viewsOf(context, {
    'one.pug': '- const word = page.brand\n+frame()\n  p(title=word)= word',
    'inner/two.pug': '- const word = "two"\n+frame()\n  p= word',
  })
  const render = await loadViews({ directory, assets })
  assert.equal(
    render('one', page),
    '<main><p title="&lt;b&gt;&quot;Avouch&quot;&lt;/b&gt;">&lt;b&gt;&quot;Avouch&quot;&lt;/b&gt;</p></main>',
  )
  assert.equal(render('inner/two', page), '<main><p>two</p></main>')
})

test('a view may bring a layout of its own', async (context) => {
  const directory = viewsOf(context, {
    'one.pug': '+frame()\n  p one',
    'dev/layout.pug': 'body\n  block content',
    'dev/inbox.pug': 'extends layout\nblock content\n  p= page.brand',
  })
  const render = await loadViews({ directory, assets })
  assert.match(render('dev/inbox', page), /^<body><p>&lt;b&gt;/)
  const without = await loadViews({ directory, assets, without: ['dev'] })
  assert.throws(() => without('dev/inbox', page))
})

test('nothing of a page becomes an option of the template engine', async (context) => {
  const directory = viewsOf(context, { 'one.pug': '+frame()\n  p one\n  p two' })
  const hostile = { ...page, pretty: "');process.exit(1);('", filename: '/etc/passwd', self: true }
  assert.equal(
    (await loadViews({ directory, assets }))('one', hostile),
    '<main><p>one</p><p>two</p></main>',
  )
})

test('a view that can not be compiled stops the start, one that is not there its request', async (context) => {
  const broken = viewsOf(context, { 'one.pug': '+frame()\n  p(title=' })
  await assert.rejects(loadViews({ directory: broken, assets }))
  const render = await loadViews({ directory: viewsOf(context, { 'one.pug': 'p' }), assets })
  for (const name of ['two', 'layout', '../one', 'constructor']) {
    assert.throws(() => render(name, page), /There is no view/)
  }
})

test('views that were compiled before are drawn without the compiler, as they are now', async (context) => {
  const directory = viewsOf(context, {
    'one.pug': '+frame()\n  p(class=page.brand)= page.brand',
    'inner/alone.pug': 'extends ../base\nblock content\n  p= page.brand',
    'base.pug': 'body\n  block content',
  })
  const kept = join(directory, 'kept')
  const drawn = async () => {
    const render = await loadViews({ directory, assets, kept })
    return [render('one', page), render('inner/alone', page)]
  }
  const first = await drawn()
  assert.match(first[0]!, /^<main><p class="&lt;b/)
  assert.match(first[1]!, /^<body><p>&lt;b/)
  assert.deepEqual(await drawn(), first)
  writeFileSync(join(directory, 'mixins.pug'), 'mixin frame()\n  nav\n    block\n')
  writeFileSync(join(directory, 'layout.pug'), '')
  assert.match((await drawn())[0]!, /^<nav>/)
})

test('what is filled into a sentence stays apart from it', () => {
  assert.deepEqual(pieces(t, 'code.sent-sms-code-to', { length: 6, destination: '+41 79' }), [
    { text: 'We sent a text message with a 6-digit code to ', isolated: false },
    { text: '+41 79', isolated: true },
    { text: '.', isolated: false },
  ])
  assert.deepEqual(pieces(t, 'page.continue'), [{ text: 'Continue', isolated: false }])
  const odd = '\uE000{minutes}\uE001<b>'
  assert.ok(pieces(t, 'password.for', { identifier: odd }).some(({ text }) => text === odd))
})

test('a number reads from left to right in any language, a name as it is written', () => {
  assert.equal(direction('+41 79 123 45 67'), 'ltr')
  assert.equal(direction('anna@example.com'), 'ltr')
  assert.equal(direction('ليلى'), 'auto')
})

test('the language menu keeps the query of the page that it is on', () => {
  assert.deepEqual(getForm('/interaction/x?mode=create&a=b%26c'), {
    action: '/interaction/x',
    fields: [
      { name: 'mode', value: 'create' },
      { name: 'a', value: 'b&c' },
    ],
  })
})

test('links to other sites lead to the web and nowhere else', () => {
  assert.equal(webHref('https://shop.example/'), 'https://shop.example/')
  for (const href of [
    'javascript:alert(1)',
    ' javascript:x',
    'data:text/html,x',
    '//x',
    '',
    null,
  ]) {
    assert.equal(webHref(href), null)
  }
})
