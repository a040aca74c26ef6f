/** What is wrong with a field is said in the language of the page. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { faultPatterns, faultWords } from '#src/admin/console/fault-words.ts'
import { loadLocales } from '#src/lib/i18n.ts'

const i18n = loadLocales('views/locales')
const [english, german] = [i18n.translator('en'), i18n.translator('de')]

const sources = [
  'config/color-schema.ts',
  'config/settings-schema.ts',
  'connectors/templates.ts',
  'connectors/smtp-email/address.ts',
  'connectors/smtp-email/index.ts',
  'connectors/twilio-sms/index.ts',
  'src/admin/api/settings.ts',
]

/** As the schemas write it, with something in place of what is filled in. */
const messages = sources.flatMap((path) => {
  const text = readFileSync(path, 'utf8').replaceAll(/\$\{where\}/g, 'The template for SignIn')
  const said =
    /(?:, |\(|error: |message: |message = |\n\s+|\? |return )(['`])((?:has|is|may|An?|Only|Exactly|There|The template|region|ignoreTLS|host) [^'`\n]*)\1/g
  return [...text.matchAll(said)].map(([, , message]) => message!.replaceAll(/\$\{[^}]*\}+/g, '7'))
})

test('every fault that a form can have is said in German', () => {
  assert.ok(messages.length > 30, String(messages.length))
  const untold = messages.filter((message) => faultWords(german, message) === message)
  assert.deepEqual(untold, [])
})

test('a fault that is filled in says what it is about', () => {
  const cases: [message: string, words: string][] = [
    ['has to be at least 6', 'muss mindestens 6 sein'],
    ['fills in what is not there: nobody', 'füllt etwas aus, was es nicht gibt: nobody'],
    [
      'The template for Register has neither {{code}} nor {{link}}.',
      'In der Vorlage für Register steht weder {{code}} noch {{link}}.',
    ],
  ]
  for (const [message, words] of cases) {
    assert.equal(faultWords(german, message), words)
    assert.equal(faultWords(english, message), message)
  }
  assert.equal(faultWords(german, 'has to be blue'), 'has to be blue')
})

test('each of the words belongs to something that is said', () => {
  const words = JSON.parse(readFileSync('views/locales/en/admin-faults.json', 'utf8'))
  assert.deepEqual(Object.keys(words).sort(), Object.keys(faultPatterns).sort())
})
