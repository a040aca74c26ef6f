import Router from '@koa/router'
import type { Channel } from '#connectors/contract.ts'
import type { Frame, Visit } from '../frame.ts'
import type { ConnectorKindsPage, ConnectorsPage, Instance, Kind } from './connectors-pages.ts'
import { fallbackOf } from './fallback.ts'

const channels: readonly Channel[] = ['sms', 'email']

export const logoOf = ({ logo }: Kind): string =>
  `data:image/svg+xml;base64,${Buffer.from(logo).toString('base64')}`

export const kindsOf = async (visit: Visit): Promise<readonly Kind[]> =>
  (await visit.run<{ data: readonly Kind[] }>('connectors.kinds')).data

const listOf = async (visit: Visit): Promise<readonly Instance[]> =>
  (await visit.run<{ data: readonly Instance[] }>('connectors.list')).data

/** Who delivers messages, and in which order they are asked. */
export const connectorListPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: '/admin/connectors' })

  const draw = async (visit: Visit): Promise<void> => {
    const [list, kinds] = [await listOf(visit), await kindsOf(visit)]
    const logos = new Map(kinds.map((kind) => [kind.id, logoOf(kind)]))
    visit.show<ConnectorsPage>('admin/connectors', {
      channels: channels.map((channel) => {
        const own = list.filter((each) => each.channels.includes(channel))
        const movable = own.filter(({ managedByFile }) => !managedByFile)
        return {
          channel,
          fallback: fallbackOf(list, channel),
          otherwise: kinds.some(({ id }) => id === 'inbox') ? 'inbox' : 'nobody',
          instances: own.map((each) => ({
            ...each,
            logo: logos.get(each.connector) ?? null,
            first: each === movable[0],
            last: each === movable.at(-1),
          })),
        }
      }),
      mayChange: visit.may('connectors:write'),
    })
  }

  router.get('/', page(draw))

  router.get(
    '/new',
    page(async (visit) => {
      const kinds = await kindsOf(visit)
      visit.show<ConnectorKindsPage>('admin/connector-kinds', {
        kinds: kinds.map((kind) => ({ ...kind, logo: logoOf(kind) })),
      })
    }),
  )

  router.post(
    '/',
    form(async (visit, fields) => {
      const list = (await listOf(visit)).filter(({ managedByFile }) => !managedByFile)
      const ids = moved(list, fields.text('id'), fields.text('channel'), fields.text('move'))
      if (ids.length > 0) await visit.run('connectors.order', { body: { ids } })
      visit.go('/admin/connectors', 'saved')
    }, draw),
  )

  router.post(
    '/:id/enabled',
    form(async (visit, fields) => {
      await visit.run('connectors.change', {
        params: { id: visit.ctx.params.id },
        body: { enabled: fields.text('enabled') === 'true' },
        version: fields.number('version'),
      })
      visit.go('/admin/connectors', 'saved')
    }, draw),
  )
  return router
}

/** The order once one has changed places with its neighbour in a channel; all others stay. */
export const moved = (
  list: readonly Pick<Instance, 'id' | 'channels'>[],
  id: string,
  channel: string,
  way: string,
): string[] => {
  const ids = list.map((each) => each.id)
  const own = list.filter(({ channels }) => channels.some((each) => each === channel))
  const at = own.findIndex((each) => each.id === id)
  const other = own[at + (way === 'up' ? -1 : 1)]
  if (at < 0 || !other) return ids
  const [from, to] = [ids.indexOf(id), ids.indexOf(other.id)]
  ids[from] = other.id
  ids[to] = id
  return ids
}
