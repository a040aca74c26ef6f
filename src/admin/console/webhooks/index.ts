import Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import type { WebhookDeliveryView, WebhookView } from '../../api/webhook-view.ts'
import { askedText } from '../asked.ts'
import type { Fields } from '../fields.ts'
import type { Frame, Visit } from '../frame.ts'
import { bodyOf, emptyForm, eventGroups, formOf, typedForm } from './form.ts'
import type {
  Condition,
  NewWebhookPage,
  WebhookDeletePage,
  WebhookDeliveryPage,
  WebhookPage,
  WebhookSecretPage,
  WebhooksPage,
} from './pages.ts'

const root = '/admin/webhooks'
const states = ['pending', 'delivered', 'dead'] as const

interface List<T> {
  data: readonly T[]
  next: string | null
}
type WithSecret = Omit<WebhookView, 'health'> & { secret: string }
type Tested = NonNullable<WebhookPage['tested']>

export const conditionOf = ({ enabled, disabledReason, health }: WebhookView): Condition => {
  if (!enabled) return disabledReason === 'gone' ? 'gone' : 'off'
  if (health.dead > 0 && health.lastState !== 'delivered') return 'dead'
  if (health.lastState === null) return 'unused'
  return health.lastState === 'delivered' ? 'well' : 'failing'
}

const hrefOf = (id: string) => `${root}/${encodeURIComponent(id)}`

/** Servers that are told what happens: which, of what, and what came of it. */
export const webhookPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: root })

  router.get(
    '/',
    page(async (visit) => {
      const cursor = askedText(visit, 'cursor')
      const { data, next } = await visit.run<List<WebhookView>>('webhooks.list', {
        query: cursor ? { cursor } : {},
      })
      visit.show<WebhooksPage>('admin/webhooks', {
        webhooks: data.map((each) => ({ ...each, condition: conditionOf(each) })),
        nextHref: next && `${root}?${new URLSearchParams({ cursor: next })}`,
        mayChange: visit.may('webhooks:write'),
      })
    }),
  )

  const drawNew = async (visit: Visit, fields: Fields | null): Promise<void> => {
    if (!visit.may('webhooks:write')) throw new Problem('insufficient_scope')
    visit.show<NewWebhookPage>('admin/webhook-new', {
      typed: fields ? typedForm(fields) : emptyForm,
      groups: eventGroups(visit.t),
    })
  }
  router.get(
    '/new',
    page((visit) => drawNew(visit, null)),
  )
  router.post(
    '/new',
    form(async (visit, fields) => {
      const { enabled: _always, ...body } = bodyOf(fields)
      const { id, secret } = await visit.run<WithSecret>('webhooks.create', { body })
      showSecret(visit, id, secret, null, 'created')
    }, drawNew),
  )

  router.get(
    '/:webhook_id',
    page((visit) => draw(visit, {})),
  )
  router.post(
    '/:webhook_id',
    form(
      async (visit, fields) => {
        const { webhook_id } = visit.ctx.params
        await visit.run('webhooks.update', {
          params: { webhook_id },
          body: bodyOf(fields),
          version: fields.number('version'),
        })
        visit.go(hrefOf(webhook_id), 'saved')
      },
      // What somebody else has saved meanwhile is overwritten only by whoever was told.
      (visit, fields, { code }) =>
        draw(visit, {
          fields,
          version: code === 'version_changed' ? null : fields.number('version'),
        }),
    ),
  )
  router.post(
    '/:webhook_id/test',
    form(
      async (visit) => {
        const { webhook_id } = visit.ctx.params
        const tested = await visit.run<Tested>('webhooks.test', { params: { webhook_id } })
        await draw(visit, { tested })
      },
      (visit) => draw(visit, {}),
    ),
  )
  router.post(
    '/:webhook_id/secret',
    form(
      async (visit, fields) => {
        const { webhook_id } = visit.ctx.params
        const changed = await visit.run<WithSecret>('webhooks.rotateSecret', {
          params: { webhook_id },
          body: fields.has('atOnce') ? { overlapSeconds: 0 } : {},
          version: fields.number('version'),
        })
        showSecret(visit, webhook_id, changed.secret, changed.previousSecretUntil, 'saved')
      },
      (visit) => draw(visit, {}),
    ),
  )

  const drawDelete = async (visit: Visit): Promise<void> => {
    if (!visit.may('webhooks:write')) throw new Problem('insufficient_scope')
    const webhook = await read(visit)
    visit.show<WebhookDeletePage>('admin/webhook-delete', { webhook, base: hrefOf(webhook.id) })
  }
  router.get('/:webhook_id/delete', page(drawDelete))
  router.post(
    '/:webhook_id/delete',
    form(async (visit, fields) => {
      const { webhook_id } = visit.ctx.params
      await visit.run('webhooks.delete', {
        params: { webhook_id },
        version: fields.number('version'),
      })
      visit.go(root, 'deleted')
    }, drawDelete),
  )

  const drawDelivery = async (visit: Visit): Promise<void> => {
    const { webhook_id, delivery_id } = visit.ctx.params
    const { body, ...delivery } = await visit.run<WebhookDeliveryView & { body: string }>(
      'webhookDeliveries.read',
      { params: { delivery_id } },
    )
    if (delivery.webhookId !== webhook_id) throw new Problem('not_found')
    visit.show<WebhookDeliveryPage>('admin/webhook-delivery', {
      delivery,
      body: JSON.stringify(JSON.parse(body), null, 2),
      base: hrefOf(webhook_id),
      eventHref: visit.may('audit:read') ? `/admin/audit/${delivery.eventId}` : null,
      mayChange: visit.may('webhooks:write'),
    })
  }
  router.get('/:webhook_id/deliveries/:delivery_id', page(drawDelivery))
  router.post(
    '/:webhook_id/deliveries/:delivery_id/replay',
    form(async (visit) => {
      const { webhook_id, delivery_id } = visit.ctx.params
      await visit.run('webhookDeliveries.replay', { params: { delivery_id } })
      visit.go(`${hrefOf(webhook_id)}/deliveries/${encodeURIComponent(delivery_id)}`, 'sent')
    }, drawDelivery),
  )
  return router
}

const read = (visit: Visit): Promise<WebhookView> =>
  visit.run<WebhookView>('webhooks.read', {
    params: { webhook_id: visit.ctx.params.webhook_id },
  })

const showSecret = (
  visit: Visit,
  id: string,
  secret: string,
  previousUntil: string | null,
  done: 'created' | 'saved',
): void =>
  visit.show<WebhookSecretPage>('admin/webhook-secret', {
    href: hrefOf(id),
    secret,
    previousUntil,
    notice: visit.t(`admin.done-${done}`),
  })

interface Shown {
  fields?: Fields
  version?: number | null
  tested?: Tested
}

const draw = async (visit: Visit, { fields, version, tested }: Shown): Promise<void> => {
  const webhook = await read(visit)
  const [base, cursor] = [hrefOf(webhook.id), askedText(visit, 'cursor')]
  const state = states.find((each) => each === askedText(visit, 'state')) ?? ''
  const filter = { ...(state && { state }) }
  const { data, next } = await visit.run<List<WebhookDeliveryView>>('webhookDeliveries.list', {
    query: { webhook: webhook.id, ...filter, ...(cursor && { cursor }) },
  })
  visit.show<WebhookPage>('admin/webhook', {
    webhook: { ...webhook, condition: conditionOf(webhook) },
    base,
    version: version ?? webhook.version,
    typed: fields ? typedForm(fields) : formOf(webhook),
    groups: eventGroups(visit.t),
    tested: tested ?? null,
    deliveries: data,
    state,
    states,
    nextHref: next && `${base}?${new URLSearchParams({ ...filter, cursor: next })}`,
    mayChange: visit.may('webhooks:write'),
  })
}
