import Router from '@koa/router'
import { placeholders } from '#connectors/templates.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Fields } from '../fields.ts'
import type { Frame, Visit } from '../frame.ts'
import type { Sessions } from '../session.ts'
import type { Instance, Tried } from './connectors-pages.ts'
import { changesOf } from './line-diff.ts'
import { defaultRecipient } from './recipient.ts'
import { anyLanguage, templateHref } from './template-grid.ts'
import type {
  CellView,
  Draft,
  Past,
  Previewed,
  TemplatePage,
  VersionView,
} from './templates-pages.ts'
import { triedOf } from './tried.ts'

const versionsShown = 10

/** What the frame shows: the words that were typed last in this session, for one cell. */
interface Kept {
  base: string
  draft: Draft
}

/** The words for one usage in one language: typed, looked at, tried out, saved and restored. */
export const templatePages = ({ page, form }: Frame, sessions: Sessions) => {
  const router = new Router({ prefix: '/admin/connectors/:id/templates/:usageType/:locale' })

  const draw = async (
    visit: Visit,
    fields: Fields | null,
    { draft, tried = null, version }: Shown = {},
  ): Promise<void> => {
    const asked = askedOf(visit)
    const cell = await visit.run<CellView>('templates.read', asked)
    const instance = await visit.run<Instance>('connectors.read', { params: asked.params })
    const channel = instance.channels[0]!
    const typed = draft ?? (fields ? readDraft(fields) : savedDraft(cell, channel))
    const isTyped = draft !== undefined || fields !== null
    if (isTyped) await sessions.keepDraft(visit.ctx, { base: asked.base, draft: typed })
    visit.show<TemplatePage>('admin/template', {
      ...(await versionsOf(visit, asked)),
      labels: {
        content: visit.t('admin-templates.content'),
        subject: visit.t('admin-templates.subject'),
        to: visit.t(`admin-connectors.to-${channel}`),
      },
      base: asked.base,
      connectorId: instance.id,
      channel,
      usageType: cell.usageType,
      locale: cell.locale,
      cell,
      version: version === undefined ? cell.version : version,
      readOnly: !visit.may('connectors:write') || cell.managedByFile,
      draft: typed,
      placeholders,
      preview: await previewOf(visit, asked, typed).catch(nothingToShow),
      // Another address for other words, so that no browser shows those of before.
      frameHref: `${asked.base}/frame${isTyped ? `?typed=${Date.now()}` : ''}`,
      mayTest: visit.may('connectors:write'),
      to: fields?.text('to') ?? (await defaultRecipient(visit, instance.channels)),
      tried,
    })
  }

  const act = async (visit: Visit, fields: Fields): Promise<void> => {
    const asked = askedOf(visit)
    const draft = readDraft(fields)
    const version = fields.number('version')
    switch (fields.text('do')) {
      case 'preview':
        return draw(visit, fields, { version })
      case 'replace': {
        const { sms } = (await previewOf(visit, asked, draft)) ?? {}
        const content = sms?.cheaper ?? draft.content
        return draw(visit, fields, { draft: { ...draft, content }, version })
      }
      case 'test':
        return draw(visit, fields, { tried: await test(visit, asked, draft, fields), version })
      default:
        await visit.run('templates.save', { ...asked, body: wordsOf(draft), version })
        return visit.go(asked.base, 'saved')
    }
  }

  router.get(
    '/',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/',
    form(act, (visit, fields, { code }) =>
      // What somebody else has saved meanwhile is overwritten only by whoever was told.
      draw(visit, fields, code === 'version_changed' ? {} : { version: fields.number('version') }),
    ),
  )

  router.get(
    '/frame',
    page(async (visit) => {
      const asked = askedOf(visit)
      const kept = 'typed' in visit.ctx.query ? await sessions.draft<Kept>(visit.ctx) : null
      const draft = kept?.base === asked.base ? kept.draft : null
      const preview = await previewOf(visit, asked, draft)
      visit.ctx.set({
        // Styles of a message are in it; scripts are nowhere.
        'content-security-policy':
          "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
        'x-frame-options': 'SAMEORIGIN',
      })
      visit.ctx.type = 'html'
      visit.ctx.body = preview?.html ?? ''
    }),
  )

  router.post(
    '/reset',
    form(
      async (visit, fields) => {
        const asked = askedOf(visit)
        await visit.run('templates.remove', { ...asked, version: fields.number('version') })
        visit.go(asked.base, 'saved')
      },
      (visit) => draw(visit, null),
    ),
  )
  router.post(
    '/restore',
    form(
      async (visit, fields) => {
        const asked = askedOf(visit)
        await visit.run('templates.restore', {
          params: asked.params,
          body: { versionId: fields.text('versionId') },
          version: fields.number('version'),
        })
        visit.go(asked.base, 'saved')
      },
      (visit) => draw(visit, null),
    ),
  )
  return router
}

interface Shown {
  draft?: Draft
  tried?: Tried | null
  /** Left out: the newest. */
  version?: number | null
}

interface Asked {
  base: string
  params: { id: string; usageType: string }
  query: { locale?: string }
}

const askedOf = ({ ctx }: Visit): Asked => {
  const { id, usageType, locale } = ctx.params
  const one = locale === anyLanguage ? null : String(locale)
  return {
    base: templateHref(id, usageType, one),
    params: { id, usageType },
    query: one === null ? {} : { locale: one },
  }
}

const views = ['desktop', 'phone', 'text'] as const

const readDraft = (fields: Fields): Draft => ({
  // As a browser sends a text area, lines end with two characters.
  content: fields.text('content').replaceAll('\r\n', '\n'),
  subject: fields.text('subject').trim(),
  contentType: fields.text('contentType') === 'text/html' ? 'text/html' : 'text/plain',
  withLink: fields.has('withLink'),
  view: views.find((each) => each === fields.text('view')) ?? 'desktop',
  dark: fields.has('dark'),
})

const savedDraft = ({ words }: CellView, channel: string): Draft => ({
  content: words.content,
  subject: words.subject ?? '',
  contentType: words.contentType,
  withLink: channel === 'email',
  view: 'desktop',
  dark: false,
})

const wordsOf = ({ content, subject, contentType }: Draft) => ({
  content,
  subject: subject === '' ? null : subject,
  contentType,
})

const localeOf = ({ query }: Asked, { lang }: Visit): string => query.locale ?? lang

/** @param draft null: what is saved */
const previewOf = async (
  visit: Visit,
  asked: Asked,
  draft: Draft | null,
): Promise<TemplatePage['preview']> => {
  if (draft?.content === '') return null
  const previewed = await visit.run<Previewed>('templates.preview', {
    params: { id: asked.params.id },
    body: {
      usageType: asked.params.usageType,
      locale: localeOf(asked, visit),
      withLink: draft?.withLink ?? true,
      ...(draft ? wordsOf(draft) : {}),
    },
  })
  return { ...previewed, preheader: previewed.text.replace(/\s+/g, ' ').slice(0, 110) }
}

/** What can not even be filled in has no preview; saving it tells why. */
const nothingToShow = (error: unknown): null => {
  if (error instanceof Problem && error.code === 'invalid_input') return null
  throw error
}

/** One real message with the words as typed. Faults are told by the names of the fields. */
const test = async (visit: Visit, asked: Asked, draft: Draft, fields: Fields): Promise<Tried> => {
  const { id, connector, config } = await visit.run<Instance>('connectors.read', {
    params: asked.params,
  })
  try {
    const said = await visit.run<Tried & { accepted: boolean }>('connectors.test', {
      body: {
        ...{ id, connector, config },
        to: fields.text('to').trim(),
        usageType: asked.params.usageType,
        locale: localeOf(asked, visit),
        words: wordsOf(draft),
      },
    })
    return triedOf('test', said.accepted, said)
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid_input') throw error
    const errors = error.errors.map((one) => ({ ...one, path: one.path.replace(/^words\./, '') }))
    throw new Problem('invalid_input', { errors, cause: error })
  }
}

const versionsOf = async (
  visit: Visit,
  { base, params, query }: Asked,
): Promise<{ versions: VersionView[]; nextHref: string | null }> => {
  const { cursor } = visit.ctx.query
  const { data, next } = await visit.run<{ data: readonly Past[]; next: string | null }>(
    'templates.versions',
    {
      params,
      query: {
        ...query,
        limit: versionsShown,
        ...(typeof cursor === 'string' ? { cursor } : {}),
      },
    },
  )
  const versions = data.map((version, at) => ({
    id: version.id,
    at: version.at,
    author: version.author,
    own: version.template !== null,
    // Of the last one here, what was before it is on the next page.
    changes: next && !data[at + 1] ? [] : changesOf(data[at + 1] ?? null, version),
  }))
  return { versions, nextHref: next && `${base}?${new URLSearchParams({ cursor: next })}#versions` }
}
