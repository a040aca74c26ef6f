import Router from '@koa/router'
import { settingsPatch } from '#config/settings-schema.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { Fields } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import type { SettingsPage } from './pages.ts'
import { type FormField, fieldsOf, readForm, shown, valueAt } from './schema-form.ts'

/** Sections of the settings by the page that they are on. */
const pages = {
  settings: ['codes', 'limits', 'session', 'password', 'recovery', 'audit'],
  experience: ['signIn', 'branding'],
} as const

const all = fieldsOf(settingsPatch)

/** Pages for what is changed while the server runs, drawn from the schema of the settings. */
export const settingsPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: '/admin' })

  for (const [name, sections] of Object.entries(pages)) {
    const own = all.filter(({ path }) => sections.some((section) => path.startsWith(`${section}.`)))
    const draw = async (visit: Visit, fields: Fields | null, version?: number | null) => {
      const view = await visit.run<SettingsView>('settings.read')
      visit.show<SettingsPage>(`admin/settings`, {
        name,
        version: version ?? view.version,
        readOnly: !visit.may('settings:write'),
        tests: name === 'settings' ? drawTests(view, fields) : null,
        sections: sections.map((section) => ({
          name: section,
          fields: own
            .filter(({ path }) => path.startsWith(`${section}.`))
            .map((field) => drawn(field, view, fields)),
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
          const { settings, heldByFile } = await visit.run<SettingsView>('settings.read')
          const open = own.filter(({ path }) => valueAt(heldByFile, path) === undefined)
          await visit.run('settings.change', {
            body: { ...readForm(open, fields, settings), ...readTests(fields) },
            version: fields.number('version'),
          })
          visit.go(`/admin/${name}`, 'saved')
        },
        // What somebody else has saved meanwhile is overwritten only by whoever was told.
        (visit, fields, { code }) =>
          draw(visit, fields, code === 'version_changed' ? null : fields.number('version')),
      ),
    )
  }
  return router
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
