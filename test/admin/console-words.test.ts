import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  eventWords,
  knownEvents,
  knownReasons,
  methodWords,
  reasonWords,
} from '#src/admin/console/event-words.ts'
import { eventGroups } from '#src/admin/console/webhooks/form.ts'
import { loadLocales } from '#src/lib/i18n.ts'
import { eventMethods } from '#src/verification/contract.ts'

const i18n = loadLocales('views/locales')
const t = i18n.translator('en')

test('there are words for each event, reason and method that is known, and for no other', () => {
  const words = JSON.parse(readFileSync('views/locales/en/admin-events.json', 'utf8'))
  const known = [
    ...knownEvents,
    ...knownReasons.map((reason) => `reason-${reason}`),
    ...eventMethods.map((method) => `method-${method}`),
  ]
  assert.deepEqual(Object.keys(words).sort(), known.sort())
})

test('what nobody has found words for is shown as it is', () => {
  assert.equal(eventWords(t, 'sign_in.completed'), 'Signed in')
  assert.equal(eventWords(t, 'moon.landed'), 'moon.landed')
  assert.equal(reasonWords(t, 'E42'), 'E42')
  assert.equal(methodWords(t, 'handshake'), 'handshake')
})

test('every event that the source names has words', () => {
  const known: readonly string[] = knownEvents
  const missing = globSync('src/**/*.ts').flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\bevent: '([a-z_.]+)'/g)]
      .map(([, event]) => event!)
      .filter((event) => !known.includes(event))
      .map((event) => `${event} (${path})`),
  )
  assert.deepEqual(missing, [])
})

test('every event that is known is in its document', () => {
  const told = readFileSync('docs/events.md', 'utf8')
  assert.deepEqual(
    knownEvents.filter((event) => !told.includes(`\`${event}\``)),
    [],
  )
})

test('every kind of event has a name where webhooks are asked what they want', () => {
  for (const { name, events } of eventGroups(t)) {
    assert.ok(t(`admin-webhooks.kind-${name}`))
    assert.ok(events.length > 0)
  }
})
