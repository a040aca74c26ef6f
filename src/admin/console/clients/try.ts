import Router from '@koa/router'
import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import type { Frame, Visit } from '../frame.ts'
import type { MessagePage } from '../pages.ts'
import { aboutClient, readClientOf } from './about.ts'
import type { ClientView, TriedPage, TryPage } from './pages.ts'
import { type BegunTrial, type TrialOptions, trials } from './trial.ts'

/** What a trial may ask for beside `openid`. */
const scopes = ['profile', 'email', 'phone']
const prompts = ['login', 'select_account', 'consent']
const lifeMs = 10 * 60 * 1000

/** *Test this app*: signs somebody in as the application would, and shows what it would get. */
export const tryPages = ({ page, form }: Frame, options: TrialOptions) => {
  const router = new Router({ prefix: '/admin/clients' })
  const trial = trials(options)
  const remembered = begunTrials(options)

  const draw = async (visit: Visit): Promise<void> => {
    if (!visit.may('clients:write')) throw new Problem('insufficient_scope')
    const client = await readClientOf(visit)
    visit.show<TryPage>('admin/client-try', {
      ...aboutClient(visit, client, 'try'),
      scopes,
      prompts,
      signsIn: client.grant_types.includes('authorization_code'),
    })
  }

  router.get('/:client_id/try', page(draw))
  router.post(
    '/:client_id/try',
    form(async (visit, fields) => {
      const { client_id, id_token_signed_response_alg: alg } = await readClientOf(visit)
      const { trial_id } = await visit.run<{ trial_id: string }>('clients.try', {
        params: { client_id },
      })
      const asked = scopes.filter((scope) => fields.all('scope').includes(scope))
      const { url, begun } = await trial.begin(
        { trialId: trial_id, clientId: client_id, alg },
        {
          scope: ['openid', ...asked].join(' '),
          prompt: prompts.find((one) => one === fields.text('prompt')) ?? null,
          language: visit.lang,
        },
      )
      remembered.keep(visit, begun)
      visit.go(url)
    }, draw),
  )

  router.get(
    '/try/callback',
    page(async (visit) => {
      const begun = remembered.take(visit)
      if (!begun) return tooLate(visit)
      const answer = new URL(visit.ctx.originalUrl, options.baseUrl)
      const result = await trial.finish(begun, answer)
      const client = await visit.run<ClientView>('clients.read', {
        params: { client_id: begun.clientId },
      })
      visit.show<TriedPage>('admin/client-tried', {
        ...aboutClient(visit, client, 'try'),
        refused: 'error' in result ? result : null,
        results: 'error' in result ? [] : shownOf({ ...result }),
      })
    }),
  )
  return router
}

const shownOf = (result: Record<string, unknown>) =>
  Object.entries(result).map(([name, value]) => ({ name, text: JSON.stringify(value, null, 2) }))

const tooLate = (visit: Visit): void => {
  const { t } = visit
  visit.ctx.state.page = '/admin/clients'
  visit.show<MessagePage>(
    'admin/message',
    {
      heading: t('admin-clients.try-late'),
      text: t('admin-clients.try-late-text'),
      ways: [{ href: '/admin/clients', label: t('admin.nav-clients') }],
    },
    400,
  )
}

/** A cookie that only this admin can have made, and that is spent by the first answer. */
const begunTrials = ({ keys, baseUrl }: TrialOptions) => {
  const https = baseUrl.startsWith('https:')
  const name = `${https ? '__Host-' : ''}avouch_try`
  const cookie = {
    httpOnly: true,
    sameSite: 'lax',
    secure: https,
    signed: false,
    path: '/',
  } as const
  const context = ({ admin }: Visit) => `client trial/${admin.userId}`

  const open = (visit: Visit, sealed: string): BegunTrial | null => {
    try {
      return JSON.parse(keys.open(Buffer.from(sealed, 'base64url'), context(visit)))
    } catch {
      return null
    }
  }

  return {
    keep(visit: Visit, begun: BegunTrial): void {
      const sealed = keys.seal(JSON.stringify(begun), context(visit)).toString('base64url')
      visit.ctx.cookies.set(name, sealed, { ...cookie, maxAge: lifeMs })
    },

    take(visit: Visit): BegunTrial | null {
      const ctx: Context = visit.ctx
      const sealed = ctx.cookies.get(name, { signed: false })
      if (!sealed) return null
      ctx.cookies.set(name, null, cookie)
      return open(visit, sealed)
    },
  }
}
