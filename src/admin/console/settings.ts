import Router from '@koa/router'
import { settingsPatch } from '#config/settings-schema.ts'
import type { I18n } from '#src/lib/i18n.ts'
import { Problem } from '#src/lib/problem.ts'
import type { SettingsView } from '#src/settings/index.ts'
import { type Fields, fieldsOfQuery } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import { lookOf, readLooks } from './look.ts'
import type { SettingsPage } from './pages.ts'
import { type FormField, fieldsOf, readForm, shown, valueAt } from './schema-form.ts'
import { apiField, apiLabels, drawApis, readApis } from './settings-apis.ts'

/** Sections of the settings by the page that they are on. */
const pages = {
  settings: ['codes', 'limits', 'session', 'password', 'recovery', 'audit', 'account'],
  experience: ['signIn', 'passkeys', 'branding'],
} as const

const all = fieldsOf(settingsPatch)

/**
 * Each of the settings has a value. Languages are chosen from those that there are words in, which no
 * schema knows.
 */
const asSettings = (field: FormField, codes: readonly string[]): FormField => {
  if (field.path === 'signIn.languages.default') {
    return { ...field, kind: 'choice', options: codes, required: true }
  }
  if (field.path === 'signIn.languages.offered') {
    return { ...field, kind: 'choices', options: codes }
  }
  return field.kind === 'choice' ? { ...field, required: true } : field
}

/** Pages for what is changed while the server runs, drawn from the schema of the settings. */
export const settingsPages = ({ page, form }: Frame, i18n: I18n) => {
  const router = new Router({ prefix: '/admin' })
  const codes = i18n.languages.map(({ code }) => code)
  const fieldsHere = all.map((field) => asSettings(field, codes))

  for (const [name, sections] of Object.entries(pages)) {
    const own = fieldsHere.filter(({ path }) =>
      sections.some((section) => path.startsWith(`${section}.`)),
    )
    const draw = async (visit: Visit, fields: Fields | null, version?: number | null) => {
      const view = await visit.run<SettingsView>('settings.read')
      const apis = name === 'settings' ? drawApis(view, fields) : null
      visit.show<SettingsPage>(`admin/settings`, {
        name,
        version: version ?? view.version,
        readOnly: !visit.may('settings:write'),
        labels: {
          ...Object.fromEntries(own.map(({ path }) => [path, visit.t(`admin-settings.${path}`)])),
          ...(apis && apiLabels(apis, visit.t)),
        },
        apis,
        tests: name === 'settings' ? drawTests(view, fields) : null,
        look:
          name === 'experience'
            ? lookOf(readLooks(fields ?? fieldsOfQuery(visit.ctx), view.settings), i18n, visit.t)
            : null,
        sections: sections.map((section) => ({
          name: section,
          fields: own
            .filter(({ path }) => path.startsWith(`${section}.`))
            .map((field) => ({
              ...drawn(field, view, fields),
              lasts: field.path.endsWith('Seconds')
                ? lasting(visit.lang, valueAt(view.settings, field.path))
                : null,
            })),
        })),
      })
    }

    router.get(
      `/${name}`,
      page((visit) => draw(visit, null)),
    )
    router.post(
      `/${name}`,
      form(
        async (visit, fields) => {
          if (fields.text('do') === 'preview') return draw(visit, fields, fields.number('version'))
          const { settings, heldByFile } = await visit.run<SettingsView>('settings.read')
          const open = own.filter(({ path }) => valueAt(heldByFile, path) === undefined)
          await visit.run('settings.change', {
            body: {
              ...readForm(open, fields, settings),
              ...readApis(fields),
              ...readTests(fields),
            },
            version: fields.number('version'),
          })
          visit.go(`/admin/${name}`, 'saved')
        },
        // What somebody else has saved meanwhile is overwritten only by whoever was told.
        (visit, fields, problem) => {
          const { code, errors } = problem
          const placed = errors.map((one) => ({ ...one, path: apiField(one.path) }))
          visit.ctx.state.formProblem = new Problem(code, { errors: placed })
          return draw(visit, fields, code === 'version_changed' ? null : fields.number('version'))
        },
      ),
    )
  }
  return router
}

const lengths = { day: 86_400, hour: 3600, minute: 60, second: 1 }

/** Seconds as people say them; null where that is no other number. */
const lasting = (lang: string, seconds: unknown): string | null => {
  if (typeof seconds !== 'number' || seconds < lengths.minute) return null
  let left = seconds
  const said = Object.entries(lengths).flatMap(([unit, length]) => {
    const count = Math.floor(left / length)
    left -= count * length
    const write = new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' })
    return count > 0 ? [write.format(count)] : []
  })
  return `= ${new Intl.ListFormat(lang, { type: 'unit' }).format(said)}`
}

const drawn = (field: FormField, { settings, heldByFile }: SettingsView, fields: Fields | null) => {
  const held = valueAt(heldByFile, field.path) !== undefined
  const value = valueAt(settings, field.path)
  const typed = fields && !held
  return {
    ...field,
    held,
    value: typed ? fields.text(field.path) : shown(value),
    chosen: typed ? fields.all(field.path) : [value].flat().map(String),
  }
}

/** A line for each: the address, a space, the code. */
const drawTests = ({ settings, heldByFile }: SettingsView, fields: Fields | null) => ({
  held: heldByFile.testIdentifiers !== undefined,
  value:
    fields?.text('testIdentifiers') ??
    settings.testIdentifiers.map(({ identifier, code }) => `${identifier} ${code}`).join('\n'),
})

const readTests = (fields: Fields) => {
  if (!fields.has('testIdentifiers')) return {}
  return {
    testIdentifiers: fields.lines('testIdentifiers').map((line) => {
      const [identifier = '', code = '', ...rest] = line.split(/\s+/)
      return { identifier, code: [code, ...rest].join(' ') }
    }),
  }
}
