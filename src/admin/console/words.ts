import Router from '@koa/router'
import type { Context } from 'koa'
import type { I18n, OwnWords } from '#src/lib/i18n.ts'
import type { SettingsView } from '#src/settings/index.ts'
import { type Fields, fieldsOfQuery } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import { type Look, lookOf, readLooks } from './look.ts'
import type { ConsolePage } from './pages.ts'
import type { Sessions } from './session.ts'

/**
 * `admin/words`: the texts of one kind of page, with what is said instead, and how that looks. Posts
 * them as `words.<language>.<key>`, and `do`: `save` or `preview`.
 */
export interface WordsPage extends ConsolePage {
  language: string
  spoken: readonly { code: string; name: string }[]
  area: string
  areas: readonly { value: string; label: string }[]
  texts: readonly { path: string; key: string; ours: string; own: string }[]
  held: boolean
  readOnly: boolean
  version: number
  look: Look
}

/** Texts as they were typed last in this session. */
interface Kept {
  words: { language: string; texts: OwnWords }
}

/** What somebody is typing right now in a language, for the frame that shows it. */
export const typedWords = async (
  sessions: Sessions,
  ctx: Context,
  language: string,
): Promise<OwnWords> => {
  const kept = await sessions.draft<Partial<Kept>>(ctx)
  return kept?.words?.language === language ? kept.words.texts : {}
}

const areaOf = (key: string): string => key.slice(0, key.indexOf('.'))

/** The page on which most of the texts of an area are. */
const samples: Readonly<Record<string, string>> = {
  backup: 'interaction/backup-codes: ten of them',
  backup_file: 'interaction/backup-codes: ten of them',
  choose: 'interaction/choose-account: accounts',
  code: 'interaction/code: a text message was sent',
  consent: 'interaction/consent: five scopes',
  device: 'oidc/device-code: empty',
  error: 'error: not_found',
  expired: 'interaction/expired: can start again',
  link: 'link: other browser',
  logout: 'oidc/logout: of an application',
  oidc_error: 'error: of the application, invalid_redirect_uri',
  password: 'interaction/password: to sign in',
  problems: 'interaction/code: a wrong code',
  profile: 'interaction/profile: a name and a password',
  scopes: 'interaction/consent: five scopes',
  'signed-out': 'oidc/signed-out: with a way home',
  totp: 'interaction/enroll-totp: a new app',
  ways: 'interaction/code: an email with code and link',
}

/** What hosted pages say instead of our words, text by text. */
export const wordsPages = ({ page, form }: Frame, sessions: Sessions, i18n: I18n) => {
  const router = new Router({ prefix: '/admin/experience/words' })
  const areas = [...new Set([...i18n.texts('en').keys()].map(areaOf))]

  const draw = async (
    visit: Visit,
    fields: Fields | null,
    version: number | null = null,
  ): Promise<void> => {
    const { settings, ...view } = await visit.run<SettingsView>('settings.read')
    const asked = fields ?? fieldsOfQuery(visit.ctx)
    const language =
      i18n.languages.find(({ code }) => code === asked.text('language'))?.code ??
      settings.signIn.languages.default
    const area = areas.find((one) => one === asked.text('area')) ?? 'identify'
    const own = settings.words[language] ?? {}
    const ours = [...i18n.texts(language)].filter(([key]) => areaOf(key) === area)
    const texts = ours.map(([key, text]) => ({
      path: `words.${language}.${key}`,
      key,
      ours: text,
      own: fields?.text(`words.${language}.${key}`) ?? own[key] ?? '',
    }))
    if (fields) {
      const typed = Object.fromEntries(texts.map((text) => [text.key, text.own || null]))
      await sessions.keepDraft(visit.ctx, { words: { language, texts: typed } })
    }
    const looks = readLooks(asked, settings)
    const sample = asked.text('sample') || samples[area] || looks.sample
    visit.show<WordsPage>('admin/words', {
      language,
      spoken: i18n.languages,
      area,
      areas: areas.map((value) => ({ value, label: visit.t(`admin-words.area-${value}`) })),
      labels: Object.fromEntries(texts.map(({ path, ours }) => [path, ours])),
      texts,
      held: view.heldByFile.words !== undefined,
      readOnly: !visit.may('settings:write'),
      version: version ?? view.version,
      // Another address for other words, so that no browser shows those of before.
      look: lookOf({ ...looks, sample, language }, i18n, visit.t, fields ? `${Date.now()}` : ''),
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
        if (fields.text('do') === 'preview') return draw(visit, fields, fields.number('version'))
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
