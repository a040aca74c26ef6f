import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Fixture, fixtures } from '#src/admin/samples/index.ts'
import type { IdentifyPage } from '#src/interaction/pages.ts'
import type { Page } from '#src/lib/page.ts'
import { problems } from '#src/lib/problem.ts'
import { draw, i18n } from './site.ts'

const [english] = i18n.languages
const everywhere = i18n.languages.flatMap((language) =>
  fixtures.map((fixture) => ({
    name: `${fixture.name} (${language.code})`,
    language,
    html: draw(fixture, language),
  })),
)

const tags = (html: string): string[] => html.match(/<\/?[a-z][\w-]*/g) ?? []
const inputs = (html: string): string[] => html.match(/<input[^>]*>/g) ?? []
const kilobytes = (text: string | Buffer) => Buffer.byteLength(text) / 1000

// The console's are drawn from a running server, in test/browser/console.test.ts.
test('every view is drawn in at least one state', () => {
  const views = readdirSync('views', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.pug') && !/(^dev|^admin|layout|mixins)/.test(path))
    .map((path) => path.slice(0, -'.pug'.length))
  const drawn = new Set(fixtures.map(({ view }) => view))
  assert.deepEqual(
    views.filter((view) => !drawn.has(view)),
    [],
  )
})

/** Answers of the API and the console; and what has a page or a state of its own, `link` say. */
const elsewhere = [
  'already_exists',
  'idempotency_key_reused',
  'in_progress',
  'insufficient_scope',
  'insufficient_user_authentication',
  'interaction_expired',
  'last_owner',
  'last_secret',
  'link_expired',
  'link_unknown',
  'link_used',
  'managed_by_file',
  'not_the_admin',
  'secret_unreadable',
  'signed_in_again',
  'step_up_required',
  'unauthenticated',
  'version_changed',
  'work_ended',
]

test('every problem that somebody can meet on the pages is shown in some state', () => {
  const shown = new Set(fixtures.map(({ said }) => said?.key))
  const missing = Object.keys(problems).filter((code) => !shown.has(`problems.${code}`))
  assert.deepEqual(missing.sort(), elsewhere)
})

test('a page holds no script, style or handler of its own, so that the strict policy costs nothing', () => {
  for (const { name, html } of everywhere) {
    assert.doesNotMatch(html, /\sstyle=|<style|\son[a-z]+=|javascript:/i, name)
    for (const script of html.match(/<script[^>]*>[^<]*/g) ?? []) {
      assert.match(
        script,
        /^<script (src="\/assets\/page\.[0-9a-f]{10}\.js" defer|type="module" src="\/assets\/passkey\.[0-9a-f]{10}\.js")>$/,
        name,
      )
    }
  }
})

test('a page says its language, direction, purpose and one heading', () => {
  for (const { name, language, html } of everywhere) {
    const head = `<!DOCTYPE html><html lang="${language.code}" dir="${language.dir}">`
    assert.ok(html.startsWith(head), name)
    assert.equal(html.match(/<h1/g)?.length, 1, name)
    assert.match(html, /<title>[^<]+ – [^<]+<\/title>/, name)
    assert.doesNotMatch(html, /undefined|\[object|NaN/, name)
  }
})

test('a page with an error says so in its title, in a summary and beside the field', () => {
  for (const fixture of fixtures) {
    const { error } = fixture.page(english!, i18n.translator('en'))
    const html = draw(fixture, english!)
    assert.equal(/<title>Error: /.test(html), error !== null, fixture.name)
    assert.equal(/role="alert"/.test(html), error !== null, fixture.name)
    if (!error?.field) continue
    const [, target] = /<p role="alert"><a href="#([\w-]+)">/.exec(html) ?? []
    assert.ok(target && html.includes(` id="${target}"`), fixture.name)
    // A button says what it does; it is not a field that could be wrong.
    if (error.field === 'decision') continue
    assert.ok(html.includes(`id="${target}-error"`), fixture.name)
    assert.match(
      html,
      new RegExp(
        `aria-invalid="true"[^>]*aria-describedby="[^"]*${target}-error|aria-describedby="[^"]*${target}-error"[^>]*aria-invalid="true"`,
      ),
      fixture.name,
    )
  }
})

test('what describes a field is on the page', () => {
  for (const { name, html } of everywhere) {
    const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    for (const [, list = ''] of html.matchAll(/aria-(?:describedby|controls)="([^"]*)"/g)) {
      for (const id of list.split(' ')) assert.ok(ids.has(id), `${name}: ${id}`)
    }
    assert.equal([...html.matchAll(/ id="/g)].length, ids.size, `${name}: an id twice`)
  }
})

test('a code has one field, which phones and password managers fill in', () => {
  for (const { name, html } of everywhere) {
    const fields = inputs(html).filter((input) => / name="code"/.test(input))
    assert.ok(fields.length <= 1, name)
    for (const field of fields) {
      assert.doesNotMatch(field, /maxlength|pattern|type="number"| required/, name)
      if (/backup.code/.test(name)) assert.match(field, /autocomplete="off"/, name)
      else {
        assert.match(field, /inputmode="numeric"/, name)
        assert.match(field, /autocomplete="one-time-code"/, name)
      }
    }
  }
})

test('a password is never sent back, and its page says whose it is', () => {
  for (const { name, html } of everywhere) {
    for (const field of inputs(html).filter((input) => /type="password"/.test(input))) {
      assert.doesNotMatch(field, /value=|maxlength/, name)
      assert.match(field, /autocomplete="(current|new)-password"/, name)
      assert.match(html, /<input[^>]*autocomplete="username"/, name)
    }
  }
})

test('forms name what they send, and check nothing before it is sent', () => {
  for (const { name, html } of everywhere) {
    for (const [form] of html.matchAll(/<form.*?<\/form>/gs)) {
      assert.match(form, /^<form[^>]*method="(post|get)"/, name)
      assert.match(form, /^<form[^>]*action="\/[^"]*"/, name)
      if (/method="post"/.test(form)) assert.match(form, /^<form[^>]* novalidate/, name)
      assert.match(form, /<button[^>]*type="submit"/, name)
    }
  }
})

test('the Enter key takes the main action: it is the first button of the first form', () => {
  for (const { name, html } of everywhere) {
    const [main = ''] = /<main.*?<\/main>/s.exec(html) ?? []
    const [button] = /<button[^>]*type="submit"[^>]*>/.exec(main) ?? []
    if (button) assert.match(button, /class="(primary|account)"/, name)
  }
})

test('a message that has signed somebody in elsewhere leaves no code to type', () => {
  for (const { name, html } of everywhere) {
    if (!name.includes('a sign-in that goes on elsewhere')) continue
    assert.doesNotMatch(html, /name="code"|href="#code"/, name)
    assert.match(html, /action="[^"]*\/resend"/, name)
  }
})

test('language and help are at the foot of every page, and the inbox only where messages stay here', () => {
  for (const fixture of fixtures) {
    const page = fixture.page(english!, i18n.translator('en'))
    const html = draw(fixture, english!)
    assert.equal(
      /<select id="lang" name="lang"/.test(html),
      page.languages.length > 1,
      fixture.name,
    )
    assert.equal(/shop\.example\/help/.test(html), page.links.help !== null, fixture.name)
    assert.equal(/class="ribbon"/.test(html), page.inbox !== null, fixture.name)
  }
})

test('a third party can be refused as easily as allowed', () => {
  const html = draw(fixtures.find(({ view }) => view === 'interaction/consent')!, english!)
  assert.match(
    html,
    /<div class="choice"><button[^>]*name="decision" value="allow">Allow<\/button><button[^>]*name="decision" value="deny">Cancel<\/button><\/div>/,
  )
})

const spite = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`

/** What is no text of anybody: choices between views, and our own drawing. */
const ours = new Set([
  'lang',
  'dir',
  'mode',
  'types',
  'method',
  'delivery',
  'advice',
  'topic',
  'type',
  'heading',
  'reason',
  'reset',
  'state',
  'linkNews',
  'qr',
])

const spoil = (value: unknown, key: string, inFields: boolean): unknown => {
  if (ours.has(key) || value === '' || typeof value === 'function') return value
  if (typeof value === 'string') return inFields && key === 'name' ? value : `${value}${spite}`
  if (Array.isArray(value)) return value.map((each) => spoil(each, key, key === 'fields'))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'field' ? each : spoil(each, name, inFields),
    ]),
  )
}

test('whatever a text holds, it stays a text', () => {
  for (const fixture of fixtures) {
    const hostile: Fixture = {
      ...fixture,
      page: (language, t) => spoil(fixture.page(language, t), '', false) as Page,
    }
    const html = draw(hostile, english!)
    assert.deepEqual(tags(html), tags(draw(fixture, english!)), fixture.name)
    assert.doesNotMatch(html, /<script>alert|<img src=x/, fixture.name)
    assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/, fixture.name)
  }
})

test('the pages are light: 8 kB of styles, 8 kB of script, 15 kB of page', () => {
  const styles = ['page.css', 'account.css'].map((name) =>
    gzipSync(readFileSync(`views/assets/${name}`)),
  )
  assert.ok(kilobytes(Buffer.concat(styles)) < 8)
  assert.ok(kilobytes(gzipSync(readFileSync('views/assets/page.js'))) < 8)
  for (const { name, html } of everywhere) assert.ok(kilobytes(html) < 15, name)
})

test('all the countries of the world still fit', () => {
  const fixture = fixtures.find(({ view }) => view === 'interaction/identify')!
  const regions = Array.from({ length: 245 }, (_, i) => ({
    code: String.fromCharCode(65 + (i % 26), 65 + (i >> 4)),
    name: `الجمهورية رقم ${i}`,
    calling: String(100 + i),
  }))
  const page = (...of: Parameters<Fixture['page']>) => ({
    ...(fixture.page(...of) as IdentifyPage),
    regions,
  })
  assert.ok(kilobytes(gzipSync(draw({ ...fixture, page }, english!))) < 15)
})

test('styles follow the direction of the script: no left, no right', () => {
  const css = ['page.css', 'account.css']
    .map((name) => readFileSync(`views/assets/${name}`, 'utf8'))
    .join('\n')
  assert.doesNotMatch(
    css.replace(/@media[^{]*/g, ''),
    /^\s*(((margin|padding|border|inset)-)?(left|right|top|bottom)|((min|max)-)?(width|height))\b/m,
  )
  assert.doesNotMatch(css, /(margin|padding|inset|border-radius):( [^ ;]+){4};/)
})
