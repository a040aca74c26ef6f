import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  eventWords,
  knownEvents,
  knownMethods,
  knownReasons,
  methodWords,
  reasonWords,
} from '#src/admin/console/event-words.ts'
import { faultTranslator, knownFaults } from '#src/admin/console/fault-words.ts'
import { eventGroups } from '#src/admin/console/webhooks/form.ts'
import { loadLocales } from '#src/lib/i18n.ts'

const i18n = loadLocales('views/locales')
const t = i18n.translator('en')

test('there are words for each event, reason and method that is known, and for no other', () => {
  const words = JSON.parse(readFileSync('views/locales/en/admin-events.json', 'utf8'))
  const known = [
    ...knownEvents,
    ...knownReasons.map((reason) => `reason-${reason}`),
    ...knownMethods.map((method) => `method-${method}`),
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

test('every kind of event has a name where webhooks are asked what they want', () => {
  for (const { name, events } of eventGroups(t)) {
    assert.ok(t(`admin-webhooks.kind-${name}`))
    assert.ok(events.length > 0)
  }
})

test('a fault is said in the language of the admin, with its values, and an unknown one as it is', () => {
  const words = JSON.parse(readFileSync('views/locales/en/admin-faults.json', 'utf8'))
  assert.deepEqual(Object.keys(words).sort(), [...knownFaults].sort())
  const say = faultTranslator(t)
  const de = i18n.translator('de')
  const said = (message: string) => say(de, { path: 'x', message }).message
  assert.equal(said('has to have at least 3 entries'), 'muss mindestens 3 Einträge haben')
  assert.equal(said('has to be sms or email'), 'muss so lauten: sms or email')
  assert.equal(said('is missing'), 'fehlt')
  assert.equal(said('You are too early.'), 'You are too early.')
  assert.equal(say(t, { path: 'x', message: 'has to be at most 9' }).message, 'has to be at most 9')
})
