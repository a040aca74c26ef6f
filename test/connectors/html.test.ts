import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeHtml, textOf } from '#connectors/html.ts'

test('an email in HTML reads well as text', () => {
  assert.equal(
    textOf(`<html><head><title>No</title><style>p { color: red }</style></head><body>
      <h1>Hello &amp; welcome</h1>
      <p>Your code is <b>482913</b>.<br>It works&nbsp;once.</p><!-- no -->
      <p><a class="x" href="https://a.example/?b=1&amp;c=2">Sign in</a> or
      <a href="https://a.example/d">https://a.example/d</a></p></body></html>`),
    'Hello & welcome\nYour code is 482913.\nIt works once.\n\n' +
      'Sign in https://a.example/?b=1&c=2 or https://a.example/d',
  )
})

test('whatever a value is, it is text in HTML and comes back as it was', () => {
  const word = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\s\p{Cc}]+/gu, 'x'))
  fc.assert(
    fc.property(word, (value) => {
      const html = escapeHtml(value)
      assert.doesNotMatch(html, /[<>"']/)
      assert.equal(textOf(`<p>${html}</p>`), value.trim())
    }),
  )
})
