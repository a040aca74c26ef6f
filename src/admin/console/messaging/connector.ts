import Router from '@koa/router'
import { type UsageType, usageTypes } from '#connectors/contract.ts'
import type { I18n } from '#src/lib/i18n.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Fields } from '../fields.ts'
import type { Frame, Visit } from '../frame.ts'
import type { FormField } from '../schema-form.ts'
import {
  type Config,
  configForm,
  drawConfig,
  jsonOf,
  readConfig,
  readJson,
  restOf,
  withTypedSecrets,
} from './config-form.ts'
import { kindsOf, logoOf } from './connectors.ts'
import type { ConnectorPage, Instance, Kind, Tried } from './connectors-pages.ts'
import { wordsFor } from './field-words.ts'
import { type Guide, renderGuide } from './markdown.ts'
import { defaultRecipient } from './recipient.ts'
import { triedOf } from './tried.ts'

/** One request about one connector, new or there already. */
interface Subject {
  kind: Kind
  form: readonly FormField[]
  instance: Instance | null
}

/** What the form says. */
interface Typed {
  config: Config
  id: string
  priority: string
  countries: string
  enabled: boolean
  version: number | null
  /** Settings were pasted: what has no field is in the form. */
  pasted: boolean
}

/** A connector: how to set it up, its settings, and whether they work. */
export const connectorPages = ({ page, form }: Frame, i18n: I18n) => {
  const router = new Router({ prefix: '/admin/connectors' })
  const guides = new Map<string, Guide>()

  const guideOf = ({ id, readme }: Kind): Guide => {
    const guide = guides.get(id) ?? renderGuide(readme)
    guides.set(id, guide)
    return guide
  }

  const subjectOf = async (visit: Visit): Promise<Subject> => {
    const { id, kind: wanted } = visit.ctx.params
    const instance = id ? await visit.run<Instance>('connectors.read', { params: { id } }) : null
    const kind = (await kindsOf(visit)).find((each) => each.id === (instance?.connector ?? wanted))
    if (!kind) throw new Problem('not_found')
    return { kind, instance, form: configForm(kind.schema) }
  }

  const draw = async (
    visit: Visit,
    { kind, form, instance }: Subject,
    typed: Typed,
    fields: Fields | null,
    { tried = null, json = null }: { tried?: Tried | null; json?: string | null } = {},
  ): Promise<void> => {
    const { t } = visit
    const readOnly = !visit.may('connectors:write') || instance?.managedByFile === true
    const drawn = drawConfig(form, typed.config).map((field) => ({
      ...field,
      ...wordsFor(t, kind.id, field),
      held: readOnly,
    }))
    visit.show<ConnectorPage>('admin/connector', {
      kind: { ...kind, logo: logoOf(kind) },
      guide: guideOf(kind),
      instance,
      labels: {
        id: t('admin-connectors.id'),
        priority: t('admin-connectors.priority'),
        countries: t('admin-connectors.countries'),
        to: t(`admin-connectors.to-${kind.channels.length > 1 ? 'any' : kind.channels[0]}`),
        json: t('admin-connectors.json-label'),
        ...Object.fromEntries(drawn.map(({ path, label }) => [path, label])),
      },
      fields: drawn,
      typed,
      version: typed.version,
      readOnly,
      json: { text: json ?? jsonOf(form, typed.config), open: json !== null },
      pasted: typed.pasted ? JSON.stringify(restOf(form, typed.config)) : null,
      test: {
        to: fields?.text('to') ?? (await defaultRecipient(visit, kind.channels)),
        usageType: usageTypeOf(fields),
        locale: fields?.text('locale') || visit.lang,
        locales: i18n.languages,
      },
      tried,
    })
  }

  const show = async (visit: Visit): Promise<void> => {
    const subject = await subjectOf(visit)
    await draw(visit, subject, asSaved(subject), null)
  }

  const act = async (visit: Visit, fields: Fields): Promise<void> => {
    const subject = await subjectOf(visit)
    const { kind, instance } = subject
    const typed = readTyped(subject, fields)
    const about = { ...(instance ? { id: instance.id } : {}), connector: kind.id }
    switch (fields.text('do')) {
      case 'fill':
        return draw(visit, subject, filled(visit, subject, typed, fields), fields)
      case 'verify': {
        const body = { ...about, config: typed.config }
        const said = await visit.run<Tried & { verified: boolean }>('connectors.verify', { body })
        return draw(visit, subject, typed, fields, {
          tried: triedOf('verify', said.verified, said),
        })
      }
      case 'test': {
        const body = {
          ...about,
          config: typed.config,
          to: fields.text('to').trim(),
          usageType: usageTypeOf(fields),
          locale: fields.text('locale') || 'en',
        }
        const said = await visit.run<Tried & { accepted: boolean }>('connectors.test', { body })
        return draw(visit, subject, typed, fields, { tried: triedOf('test', said.accepted, said) })
      }
      default:
        return save(visit, subject, typed)
    }
  }

  const again = async (visit: Visit, fields: Fields, problem: Problem): Promise<void> => {
    const subject = await subjectOf(visit)
    const typed = readTyped(subject, fields)
    // What somebody else has saved meanwhile is overwritten only by whoever was told.
    const version =
      problem.code === 'version_changed' ? (subject.instance?.version ?? null) : typed.version
    const json = problem.field === 'json' ? fields.text('json') : null
    await draw(visit, subject, { ...typed, version }, fields, { json })
  }

  router.get('/new/:kind', page(show))
  router.post('/new/:kind', form(act, again))
  router.get('/:id', page(show))
  router.post('/:id', form(act, again))
  router.post(
    '/:id/delete',
    form(
      async (visit, fields) => {
        const { id } = visit.ctx.params
        await visit.run('connectors.delete', { params: { id }, version: fields.number('version') })
        visit.go('/admin/connectors', 'deleted')
      },
      (visit) => show(visit),
    ),
  )
  return router
}

const usageTypeOf = (fields: Fields | null): UsageType =>
  usageTypes.find((each) => each === fields?.text('usageType')) ?? 'Generic'

const asSaved = ({ instance, kind }: Subject): Typed => ({
  config: instance?.config ?? {},
  id: instance?.id ?? (kind.channels.length === 1 ? `${kind.channels[0]}-main` : kind.id),
  priority: String(instance?.priority ?? 10),
  countries: instance?.countries?.join(', ') ?? '',
  enabled: instance?.enabled ?? true,
  version: instance?.version ?? null,
  pasted: false,
})

const readTyped = ({ form, instance }: Subject, fields: Fields): Typed => {
  const before = instance?.config ?? {}
  const pasted = fields.has('pasted') ? readJson(fields.text('pasted')) : null
  return {
    config: readConfig(form, fields, pasted ?? restOf(form, before), before),
    id: fields.text('id').trim(),
    priority: fields.text('priority').trim(),
    countries: fields.text('countries'),
    enabled: fields.has('enabled'),
    version: fields.number('version'),
    pasted: pasted !== null,
  }
}

/** @throws Problem `invalid_input` for what is no JSON */
const filled = ({ t }: Visit, { form }: Subject, typed: Typed, fields: Fields): Typed => {
  const json = readJson(fields.text('json'))
  if (!json) {
    const errors = [{ path: 'json', message: t('admin-connectors.json-fault') }]
    throw new Problem('invalid_input', { field: 'json', errors })
  }
  return { ...typed, config: withTypedSecrets(form, json, fields), pasted: true }
}

const save = async (visit: Visit, { kind, instance }: Subject, typed: Typed): Promise<void> => {
  const countries = typed.countries
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter(Boolean)
  const body = {
    config: typed.config,
    enabled: typed.enabled,
    countries: countries.length > 0 ? countries : null,
    priority: /^\d{1,9}$/.test(typed.priority) ? Number(typed.priority) : typed.priority,
  }
  if (instance) {
    await visit.run('connectors.change', {
      params: { id: instance.id },
      body,
      version: typed.version,
    })
    return visit.go(`/admin/connectors/${instance.id}`, 'saved')
  }
  await visit.run('connectors.create', { body: { ...body, id: typed.id, connector: kind.id } })
  visit.go(`/admin/connectors/${typed.id}`, 'created')
}
