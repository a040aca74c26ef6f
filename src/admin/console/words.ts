import Router from '@koa/router'
import type { I18n } from '#src/lib/i18n.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { Fields } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'

/** `admin/words`: the texts of one kind of page, with what is said instead. */
export interface WordsPage extends ConsolePage {
  language: string
  spoken: readonly { code: string; name: string }[]
  area: string
  areas: readonly string[]
  texts: readonly { path: string; key: string; ours: string; own: string }[]
  held: boolean
  readOnly: boolean
  version: number
}

const areaOf = (key: string): string => key.slice(0, key.indexOf('.'))
const first = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What hosted pages say instead of our words, text by text. */
export const wordsPages = ({ page, form }: Frame, i18n: I18n) => {
  const router = new Router({ prefix: '/admin/experience/words' })
  const areas = [...new Set([...i18n.texts('en').keys()].map(areaOf))]

  const draw = async (
    visit: Visit,
    fields: Fields | null,
    version: number | null = null,
  ): Promise<void> => {
    const view = await visit.run<SettingsView>('settings.read')
    const asked = fields
      ? { language: fields.text('language'), area: fields.text('area') }
      : { language: first(visit.ctx.query.language), area: first(visit.ctx.query.area) }
    const language =
      i18n.languages.find(({ code }) => code === asked.language)?.code ??
      view.settings.signIn.languages.default
    const area = areas.find((one) => one === asked.area) ?? 'identify'
    const own = view.settings.words[language] ?? {}
    visit.show<WordsPage>('admin/words', {
      language,
      spoken: i18n.languages,
      area,
      areas,
      texts: [...i18n.texts(language)]
        .filter(([key]) => areaOf(key) === area)
        .map(([key, ours]) => ({
          path: `words.${language}.${key}`,
          key,
          ours,
          own: fields?.text(`words.${language}.${key}`) ?? own[key] ?? '',
        })),
      held: view.heldByFile.words !== undefined,
      readOnly: !visit.may('settings:write'),
      version: version ?? view.version,
    })
  }

  router.get(
    '/',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/',
    form(
      async (visit, fields) => {
        const { settings } = await visit.run<SettingsView>('settings.read')
        const [language, area] = [fields.text('language'), fields.text('area')]
        const before = settings.words[language] ?? {}
        const texts = Object.fromEntries(
          [...i18n.texts(language).keys()]
            .filter((key) => areaOf(key) === area && fields.has(`words.${language}.${key}`))
            .map((key) => [key, fields.text(`words.${language}.${key}`).trim() || null] as const)
            .filter(([key, text]) => text !== null || before[key]),
        )
        await visit.run('settings.change', {
          body: { words: { [language]: texts } },
          version: fields.number('version'),
        })
        visit.go(`/admin/experience/words?${new URLSearchParams({ language, area })}`, 'saved')
      },
      (visit, fields, { code }) =>
        draw(visit, fields, code === 'version_changed' ? null : fields.number('version')),
    ),
  )
  return router
}
