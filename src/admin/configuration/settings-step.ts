import { fileName, place } from '#config/names.ts'
import type { SettingsPatch } from '#config/settings-schema.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { Change, Step } from './contract.ts'
import { changesOf } from './values.ts'

/** What puts the settings of the file in force; what it leaves out stays. */
export const settingsStep = (
  { resources, ...wanted }: SettingsPatch,
  current: Settings,
): Step | null => {
  const others = current.resources.filter(
    ({ indicator }) => !resources?.some((each) => each.indicator === indicator),
  )
  const { resources: before, ...rest } = current
  const changes = [
    ...changesOf('', rest, withoutNull(wanted, rest), false).map(inFile),
    ...changesOf('resources', byIndicator(before), byIndicator(resources ?? []), false),
  ]
  if (changes.length === 0) return null
  const body = { ...wanted, ...(resources ? { resources: [...resources, ...others] } : {}) }
  return {
    changes,
    entry: 'file',
    place: placeInFile,
    async perform(run) {
      await run('settings.change', { body })
      return []
    },
  }
}

const byIndicator = (resources: Settings['resources']) =>
  Object.fromEntries(resources.map(({ indicator, ...rest }) => [indicator, rest]))

/** Words that are to be ours are, where nobody has given others. */
const withoutNull = (wanted: SettingsPatch, { words: there }: Pick<Settings, 'words'>) => {
  if (!wanted.words) return wanted
  const words = Object.entries(wanted.words).map(([language, texts]) => [
    language,
    Object.fromEntries(
      Object.entries(texts).filter(
        ([key, text]) => text !== null || typeof there[language]?.[key] === 'string',
      ),
    ),
  ])
  return { ...wanted, words: Object.fromEntries(words) }
}

const inFile = (change: Change): Change => ({ ...change, path: placeInFile(change.path.slice(1)) })

/** `signIn.methods[0]` is `sign_in_experience.methods[0]` in the file. */
const placeInFile = (path: string): string => {
  const [section = '', ...rest] = path.split('.')
  // Languages and keys of words are nobody's names.
  if (section === 'words') return path
  const top = section === 'signIn' ? 'signInExperience' : section
  return place([top, ...rest].map(fileName))
}
