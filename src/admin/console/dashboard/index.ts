import Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import { found } from '../asked.ts'
import type { DashboardPage } from '../dashboard-pages.ts'
import type { Frame, Visit } from '../frame.ts'
import { csvOf, type Figure, type Talk, type ToldReport, talk } from './figure.ts'
import { funnelFigures } from './funnels.ts'
import { countryFigure, failureFigure, linkFigure, timeFigure } from './messages.ts'
import { methodFigures } from './methods.ts'
import { activeFigure, newIn, signInFigure, userFigures } from './people.ts'
import { type Question, ranges, readQuestion } from './question.ts'

const path = '/admin/dashboard'

/** How sign-ins fare, in pictures that this server draws, with the numbers behind them. */
export const dashboardPages = ({ page }: Frame) => {
  const router = new Router({ prefix: path })

  router.get(
    '/',
    page(async (visit) => {
      const question = readQuestion(visit.ctx.query, new Date())
      const clients = await clientsFor(visit, question)
      const drawn = await found(visit, () => draw(visit, question))
      const { range, since, until, client, channel, search } = question
      visit.show<DashboardPage>('admin/dashboard', {
        question: { range, since, until, client, channel },
        ranges: ranges
          .filter((value) => value !== 'custom')
          .map((value) => ({ value, href: `${path}?${withRange(question, value)}` })),
        clients,
        tiles: drawn?.tiles ?? [],
        figures: (drawn?.figures ?? []).map((figure) => ({
          ...figure,
          rows: figure.rows.map((row) => row.map(drawn!.talk.cell)),
          csvHref: `${path}/${figure.id}.csv?${search}`,
        })),
      })
    }),
  )

  router.get(
    '/:figure.csv',
    page(async (visit) => {
      const { figures } = await draw(visit, readQuestion(visit.ctx.query, new Date()))
      const figure = figures.find(({ id }) => id === visit.ctx.params.figure)
      if (!figure) throw new Problem('not_found')
      visit.ctx.attachment(`${figure.id}.csv`)
      visit.ctx.type = 'text/csv'
      visit.ctx.body = csvOf(figure)
    }),
  )
  return router
}

interface Drawn {
  talk: Talk
  tiles: DashboardPage['tiles']
  figures: Figure[]
}

const draw = async (visit: Visit, { query, byDay }: Question): Promise<Drawn> => {
  const now = new Date()
  const ask = <T>(id: string, asked: Record<string, string>) =>
    visit.run<T>(`statistics.${id}`, { query: asked })
  const [overview, daily, funnel, countries, connectors, methods] = await Promise.all([
    ask<ToldReport<'overview'>>('overview', query),
    ask<ToldReport<'overview'>>('overview', byDay),
    ask<ToldReport<'funnel'>>('funnel', query),
    ask<ToldReport<'countries'>>('countries', query),
    ask<ToldReport<'connectors'>>('connectors', query),
    ask<ToldReport<'methods'>>('methods', query),
  ])
  const words = talk(visit.t, visit.lang)
  return {
    talk: words,
    tiles: tilesOf(words, overview, daily),
    figures: [
      signInFigure(words, overview, now),
      activeFigure(words, daily, now),
      ...userFigures(words, daily, now),
      ...funnelFigures(words, funnel),
      timeFigure(words, overview),
      countryFigure(words, countries, visit.lang),
      failureFigure(words, connectors),
      ...methodFigures(words, methods),
      linkFigure(words, funnel.channels),
    ],
  }
}

const tilesOf = (
  { words, number, share, seconds }: Talk,
  { users, active, signIns, times }: ToldReport<'overview'>,
  daily: ToldReport<'overview'>,
): DashboardPage['tiles'] => {
  const { week, before } = newIn(daily)
  const activeNow = [active?.daily, active?.weekly, active?.monthly]
  return [
    { name: words('tile-users'), value: number(users.total), note: words('everybody') },
    {
      name: words('tile-new'),
      value: number(week),
      note: words('tile-new-before', { before: number(before) }),
    },
    {
      name: words('tile-active'),
      value: activeNow.map((count) => number(count ?? 0)).join(' · '),
      note: words('tile-active-text'),
    },
    {
      name: words('tile-success'),
      value: share(signIns.share),
      note: words('tile-success-text', {
        completed: number(signIns.completed),
        started: number(signIns.started),
      }),
    },
    {
      name: words('tile-time'),
      value: seconds(times.medianSeconds),
      note: words('tile-time-text'),
    },
  ]
}

const withRange = ({ search }: Question, range: string): string => {
  const query = new URLSearchParams(search)
  for (const name of ['since', 'until']) query.delete(name)
  query.set('range', range)
  return query.toString()
}

interface Listed {
  data: readonly { client_id: string; client_name?: string | null }[]
}

/** The first hundred, and the one that was asked for. */
const clientsFor = async (
  visit: Visit,
  { client }: Question,
): Promise<DashboardPage['clients']> => {
  const { data } = await visit.run<Listed>('clients.list', { query: { limit: 100 } })
  const named = data.map(({ client_id, client_name }) => ({
    id: client_id,
    name: client_name || client_id,
  }))
  const known = client === '' || named.some(({ id }) => id === client)
  return known ? named : [...named, { id: client, name: client }]
}
