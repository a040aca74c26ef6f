import Router from '@koa/router'
import { askedText, found } from '../asked.ts'
import type { AuditEventPage, AuditPage } from '../audit-pages.ts'
import { knownEvents } from '../event-words.ts'
import type { Frame, Visit } from '../frame.ts'
import { filterNames, periods, readFilter } from './filter.ts'
import { shownEvent, type Told, targetOf } from './present.ts'

const base = '/admin/audit'
const formats = ['csv', 'ndjson'] as const

interface List {
  data: readonly Told[]
  next: string | null
}

/** What happened: found by whatever somebody knows of it, read as one sign-in, taken along as a file. */
export const auditPages = ({ page }: Frame) => {
  const router = new Router({ prefix: base })

  router.get(
    '/',
    page(async (visit) => {
      const { typed, query, search } = readFilter(visit, new Date())
      const cursor = askedText(visit, 'cursor')
      const asked = { ...query, limit: '50', ...(cursor && { cursor }) }
      const list = await found(visit, () => visit.run<List>('audit.list', { query: asked }))
      const { data, next } = list ?? { data: [], next: null }
      const plain = search.toString()
      visit.show<AuditPage>('admin/audit', {
        typed,
        filtered: [...search.keys()].some((name) => name !== 'reference'),
        events: data.map((each) => shownEvent(visit, each)),
        suggested: suggestions,
        periods,
        channels: ['sms', 'email'],
        nextHref: next && `${base}?${withMore(search, 'cursor', next)}`,
        exports: formats.map((format) => ({
          format,
          href: `${base}/export?format=${format}${plain && `&${plain}`}`,
        })),
        retentionDays: await retention(visit),
      })
    }),
  )

  router.get(
    '/export',
    page(async (visit) => {
      const { query } = readFilter(visit, new Date())
      const format = askedText(visit, 'format')
      await visit.send('audit.export', { query: { ...query, format } })
    }),
  )

  router.get(
    '/:event_id',
    page(async (visit) => {
      const { event_id } = visit.ctx.params
      const told = await visit.run<Told>('audit.read', { params: { event_id } })
      const { interaction } = told
      const { data } = interaction
        ? await visit.run<{ data: readonly Told[] }>('audit.timeline', { params: { interaction } })
        : { data: [] }
      const begin = Date.parse(data[0]?.at ?? told.at)
      visit.show<AuditEventPage>('admin/audit-event', {
        event: shownEvent(visit, told),
        facts: factsOf(visit, told),
        detail: told.detail === null ? null : JSON.stringify(told.detail, null, 2),
        timeline: data.map((each) => ({
          ...shownEvent(visit, each),
          current: each.id === told.id,
          afterMs: Date.parse(each.at) - begin,
        })),
        interactionHref: interaction && hrefBy('interaction', interaction),
      })
    }),
  )
  return router
}

const hrefBy = (name: string, value: string) => `${base}?${new URLSearchParams({ [name]: value })}`

const withMore = (search: URLSearchParams, name: string, value: string): string => {
  const more = new URLSearchParams(search)
  more.set(name, value)
  return more.toString()
}

/** Whatever begins so, then each. */
const suggestions = [
  ...new Set(
    knownEvents.map((event) => event.replace(/\..*/, '.*')).filter((e) => e.includes('.')),
  ),
  ...knownEvents,
]

const retention = async (visit: Visit): Promise<number | null> => {
  if (!visit.may('settings:read')) return null
  const { settings } = await visit.run<{ settings: { audit: { retentionDays: number } } }>(
    'settings.read',
  )
  return settings.audit.retentionDays
}

/** What is known of an event, each with a link to whatever else has the same. */
const factsOf = (visit: Visit, told: Told): AuditEventPage['facts'] => {
  const shown = shownEvent(visit, told)
  const links: Record<string, string | null | undefined> = {
    user: shown.user?.href,
    client: shown.client?.href,
    connector: shown.connector?.href,
    actor: shown.actor?.href,
    target: targetOf(visit, told)?.href,
  }
  return filterNames.flatMap((name) => {
    if (name === 'event' || name === 'text') return []
    const value = name === 'actor' ? told.actor?.id : told[name]
    if (value === null || value === undefined) return []
    return [{ name, value, href: links[name] ?? null, filterHref: hrefBy(name, value) }]
  })
}
