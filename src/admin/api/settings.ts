import { z } from 'zod'
import { type SettingsPatch, settingsPatch, settingsSchema } from '#config/settings-schema.ts'
import type { I18n, WordFault } from '#src/lib/i18n.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import { changeSettings, type SettingsStore, viewSettings } from '#src/settings/index.ts'
import { type Operation, operation } from '../contract.ts'

const view = z.object({
  settings: settingsSchema.describe('As they are in force.'),
  heldByFile: settingsPatch.describe('What of them the configuration file holds: read-only here.'),
  version: z.int(),
})

export interface SettingsDeps {
  settings: SettingsStore
  i18n: I18n
}

/** Languages that nobody could read the pages in. */
const languageFaults = (i18n: I18n, signIn: SettingsPatch['signIn']): Fault[] => {
  const { default: first, offered = [] } = signIn?.languages ?? {}
  return [...(first ? [['default', first]] : []), ...offered.map((code) => ['offered', code])]
    .filter(([, code]) => !i18n.languages.some((language) => language.code === code))
    .map(([name, code]) => ({
      path: `signIn.languages.${name}`,
      message: `is no language of these pages: ${code}`,
    }))
}

/** Texts that could not stand where they are meant to, each with its place. */
const wordFaults = (i18n: I18n, words: SettingsPatch['words']): Fault[] =>
  Object.entries(words ?? {}).flatMap(([code, texts]) => {
    const spoken = i18n.languages.some((language) => language.code === code)
    if (!spoken) return [{ path: `words.${code}`, message: 'is no language of these pages' }]
    return Object.entries(texts).flatMap(([key, text]) => {
      const fault = text === null ? null : i18n.fault(code, key, text)
      return fault ? [{ path: `words.${code}.${key}`, message: wordsFor(fault) }] : []
    })
  })

const wordsFor = (fault: WordFault): string => {
  if (fault.reason === 'unknown-key') return 'is no text of these pages'
  if (fault.reason === 'not-a-message') return 'has a brace that is not closed, or not in quotes'
  return `fills in what is not there: ${fault.names.join(', ')}`
}

/** For the audit log, which more people read: whoever knows the code of an identifier signs in by it. */
const withoutCodes = ({ testIdentifiers, ...rest }: SettingsPatch): Record<string, unknown> =>
  testIdentifiers
    ? { ...rest, testIdentifiers: testIdentifiers.map(({ identifier }) => ({ identifier })) }
    : rest

/** What an admin changes while the server runs. */
export const settingsOperations = ({ settings, i18n }: SettingsDeps): Operation[] => [
  operation({
    id: 'settings.read',
    method: 'GET',
    path: '/settings',
    scope: 'settings:read',
    summary: 'All settings, with what the configuration file holds of them.',
    answer: view,
    run: ({ db }) => viewSettings(db),
  }),

  operation({
    id: 'settings.change',
    method: 'PATCH',
    path: '/settings',
    scope: 'settings:write',
    summary: 'Changes what is given; lists are replaced as a whole.',
    versioned: true,
    body: settingsPatch,
    answer: view,
    note: ({ body }) => ({ event: 'settings.changed', detail: withoutCodes(body) }),
    async run({ db, body, version, afterwards }) {
      const errors = [...wordFaults(i18n, body.words), ...languageFaults(i18n, body.signIn)]
      if (errors.length > 0) throw new Problem('invalid_input', { errors })
      await changeSettings(db, body, version)
      afterwards(settings.load)
      return viewSettings(db)
    },
  }),
]
