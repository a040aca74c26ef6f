import Router from '@koa/router'
import type { Frame } from '../frame.ts'
import type { Instance } from './connectors-pages.ts'
import type { Grid, TemplatesPage } from './templates-pages.ts'

/** In a path, the words for any language; a language tag never looks like that. */
export const anyLanguage = '-'

export const templateHref = (id: string, usageType: string, locale: string | null): string =>
  `/admin/connectors/${id}/templates/${usageType}/${encodeURIComponent(locale ?? anyLanguage)}`

/** Which words are used where. */
export const templateGridPages = ({ page }: Frame) => {
  const router = new Router({ prefix: '/admin' })

  router.get(
    '/templates',
    page(async (visit) => {
      const { data } = await visit.run<{ data: readonly Omit<Instance, 'health'>[] }>(
        'connectors.list',
        { query: { health: 'false' } },
      )
      const connectors: TemplatesPage['connectors'][number][] = []
      for (const { id, name, channels, managedByFile } of data) {
        // One for several channels is there to look at messages, and has no words of its own.
        if (channels.length !== 1) continue
        const grid = await visit.run<Grid>('templates.list', { params: { id } })
        const { channel, locales, usageTypes, cells } = grid
        connectors.push({
          ...{ id, name, channel, managedByFile, locales },
          rows: usageTypes.map((usageType) => ({
            usageType,
            cells: cells
              .filter((cell) => cell.usageType === usageType)
              .map((cell) => ({ ...cell, href: templateHref(id, usageType, cell.locale) })),
          })),
        })
      }
      visit.show<TemplatesPage>('admin/templates', {
        connectors,
        mayChange: visit.may('connectors:write'),
      })
    }),
  )

  /** A language that has no column yet. */
  router.get(
    '/connectors/:id/templates',
    page((visit) => {
      const { usageType, locale } = visit.ctx.query
      const given = typeof locale === 'string' ? locale.trim() : ''
      const wanted = typeof usageType === 'string' && given !== ''
      visit.go(
        wanted
          ? templateHref(visit.ctx.params.id, encodeURIComponent(usageType), given)
          : '/admin/templates',
      )
    }),
  )
  return router
}
