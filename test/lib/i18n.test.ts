import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadLocales, placeholders } from '#src/lib/i18n.ts'
import { acceptedLanguages, languageMatcher } from '#src/lib/language.ts'
import { problems } from '#src/lib/problem.ts'

const directory = 'views/locales'
const i18n = loadLocales(directory)

/** All words of a language as they are in its files, by `area.key`. */
const wordsOf = (code: string): Map<string, string> =>
  new Map(
    readdirSync(join(directory, code))
      .filter((file) => file !== 'language.json')
      .flatMap((file) => {
        const words = JSON.parse(readFileSync(join(directory, code, file), 'utf8'))
        return Object.entries<string>(words).map(([key, text]): [string, string] => [
          `${file.slice(0, -'.json'.length)}.${key}`,
          text,
        ])
      }),
  )

const english = wordsOf('en')

/** A folder of locales that holds what is given, removed when the test ends. */
const localesOf = (
  t: TestContext,
  languages: Record<string, Record<string, Record<string, string>>>,
) => {
  const folder = mkdtempSync(join(tmpdir(), 'avouch-locales-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [code, files] of Object.entries(languages)) {
    mkdirSync(join(folder, code))
    for (const [name, words] of Object.entries(files)) {
      writeFileSync(join(folder, code, `${name}.json`), JSON.stringify(words))
    }
  }
  return folder
}

test('people read English, German and Arabic, each named in itself', () => {
  assert.deepEqual(
    i18n.languages.map(({ code, name, dir }) => [code, name, dir]),
    [
      ['en', 'English', 'ltr'],
      ['ar', 'العربية', 'rtl'],
      ['de', 'Deutsch', 'ltr'],
    ],
  )
})

/** The console speaks English and German; hosted pages speak every language. */
const isConsole = (key: string) => /^admin[.-]/.test(key)

for (const { code } of i18n.languages.filter((language) => language.code !== 'en')) {
  const own = wordsOf(code)
  const wanted = [...english].filter(([key]) => code === 'de' || !isConsole(key))

  test(`${code} says everything that English says, and nothing else`, () => {
    assert.deepEqual([...own.keys()].sort(), wanted.map(([key]) => key).sort())
  })

  test(`${code} fills in the same values as English`, () => {
    for (const [key, text] of wanted) {
      assert.deepEqual(placeholders(own.get(key) ?? '', code), placeholders(text), key)
    }
  })

  test(`${code} is not left in English`, () => {
    // Words that are the same by chance or by nature, such as names of things.
    const mayBeEqual = (text: string) => text.length < 12 || /^[{}\w. –]+$/.test(text)
    const equal = [...own].filter(([key, text]) => english.get(key) === text && !mayBeEqual(text))
    assert.deepEqual(equal, [])
  })
}

test('a number of anything is counted as the language counts', () => {
  const all = new Set(['zero', 'one', 'two', 'few', 'many', 'other'])
  for (const { code } of i18n.languages) {
    const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories
    for (const [key, text] of wordsOf(code)) {
      for (const [, body = ''] of text.matchAll(/, plural,((?:[^{}]|\{[^{}]*\})*)\}/g)) {
        const given = [...body.matchAll(/(\w+) \{/g)].map(([, name = '']) => name)
        const missing = wanted.filter((category) => all.has(category) && !given.includes(category))
        assert.deepEqual(missing, [], `${code}: ${key}`)
      }
    }
  }
})

test('every problem has words that say what to do, in every language', () => {
  for (const { code } of i18n.languages) {
    const t = i18n.translator(code)
    for (const problem of Object.keys(problems)) assert.ok(t(`problems.${problem}`).length > 5)
  }
})

test('a problem says how many tries are left where that is known', () => {
  const t = i18n.translator('en')
  assert.match(t('problems.incorrect_code'), /enter it again$/)
  assert.match(t('problems.incorrect_code', { tries: 1 }), /1 try left$/)
  assert.match(t('problems.incorrect_code', { tries: 4 }), /4 tries left$/)
  assert.match(i18n.translator('ar')('problems.incorrect_code', { tries: 2 }), /محاولتان$/)
  assert.match(
    i18n.translator('de')('problems.locked', { minutes: 15, seconds: 890 }),
    /15 Minuten/,
  )
})

test('numbers are written in the digits of the codes beside them', () => {
  assert.match(i18n.translator('ar')('code.lasts', { minutes: 10 }), /10/)
})

test('a language that lacks a sentence says it in English', (t) => {
  const folder = localesOf(t, {
    en: { page: { hello: 'Hello {name}', bye: 'Bye' } },
    fr: { page: { bye: 'Salut' } },
  })
  const say = loadLocales(folder).translator('fr')
  assert.equal(say('page.hello', { name: 'Anna' }), 'Hello Anna')
  assert.equal(say('page.bye'), 'Salut')
  assert.throws(() => say('page.nothing'), /no words for "page\.nothing"/)
})

test('a folder more is a language more, which may name itself', (t) => {
  const page = { hello: 'x' }
  const folder = localesOf(t, {
    en: { page },
    he: { page },
    'en-XA': { page, language: { name: 'Pseudo', dir: 'rtl' } },
  })
  assert.deepEqual(loadLocales(folder).languages, [
    { code: 'en', name: 'English', dir: 'ltr' },
    { code: 'en-XA', name: 'Pseudo', dir: 'rtl' },
    { code: 'he', name: 'עברית', dir: 'rtl' },
  ])
})

test('a sentence that is broken is named when the server starts', (t) => {
  const folder = localesOf(t, { en: { page: { broken: '{minutes, plural, one {x}' } } })
  assert.throws(() => loadLocales(folder), /en: "page\.broken" is not an ICU message/)
})

test('a template for a message is left as it is', (t) => {
  const folder = localesOf(t, { en: { messages: { code: '{{code}} is your code' } } })
  assert.equal(loadLocales(folder).translator('en')('messages.code'), '{{code}} is your code')
})

test('a person gets the language that suits best', () => {
  const match = languageMatcher(['en', 'de', 'ar', 'pt-BR', 'zh-Hans', 'zh-Hant'])
  const cases: [Parameters<typeof match>[0], string | null][] = [
    [{ chosen: 'de', uiLocales: 'ar', remembered: 'en', accept: 'en' }, 'de'],
    [{ uiLocales: 'xx ar de', accept: 'en' }, 'ar'],
    [{ remembered: 'ar', accept: 'de' }, 'ar'],
    [{ accept: 'fr;q=0.9, de-CH;q=0.8, en;q=0.7' }, 'de'],
    [{ accept: 'en;q=0.1, de' }, 'de'],
    [{ accept: 'de;q=0, ar' }, 'ar'],
    [{ accept: '*', fallback: 'de' }, 'de'],
    [{ chosen: 'DE-at-1996' }, 'de'],
    [{ chosen: 'pt-PT', fallback: 'en' }, 'en'],
    [{ chosen: 'pt-br' }, 'pt-BR'],
    [{ chosen: 'zh-TW' }, 'zh-Hant'],
    [{ chosen: 'zh-CN' }, 'zh-Hans'],
    [{ chosen: '../../etc/passwd', accept: 'de' }, 'de'],
    [{ chosen: '\u0000', uiLocales: '  ', accept: ';;;q=,,', fallback: '' }, null],
    [{}, null],
  ]
  for (const [wishes, expected] of cases) {
    assert.equal(match(wishes), expected, JSON.stringify(wishes))
  }
  assert.equal(i18n.negotiate({ accept: 'tlh' }).code, 'en')
})

test('a header of any length is read in no time', () => {
  const started = performance.now()
  assert.ok(acceptedLanguages('de;q=0.5,'.repeat(100_000)).length < 100)
  assert.ok(performance.now() - started < 200)
})
