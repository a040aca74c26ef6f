import { columns, lines } from '../charts/index.ts'
import { dayMs, type Figure, figureOf, isUnfinished, type Talk, type ToldReport } from './figure.ts'

type Overview = ToldReport<'overview'>

/** A number for each day of a period, 0 where nothing was counted. */
const daily = <T>(
  { since, until }: Overview,
  counted: readonly T[],
  dayOf: (each: T) => string,
): { day: string; counted: T | undefined }[] => {
  const known = new Map(counted.map((each) => [dayOf(each), each]))
  const days: { day: string; counted: T | undefined }[] = []
  for (let at = Date.parse(since); at < Date.parse(until); at += dayMs) {
    const day = new Date(at).toISOString().slice(0, 10)
    days.push({ day, counted: known.get(day) })
  }
  return days
}

/** Sign-ins that began and ended, by hour or day. */
export const signInFigure = (talk: Talk, overview: Overview, now: Date): Figure => {
  const { words, number, share } = talk
  const { series, grain, signIns } = overview
  const unfinished = isUnfinished(series.at(-1)?.at, grain === 'hour' ? dayMs / 24 : dayMs, now)
  return figureOf(talk, 'sign-ins', {
    summary: words('sign-ins-summary', {
      started: number(signIns.started),
      completed: number(signIns.completed),
      share: share(signIns.share),
    }),
    heads: [words(grain), words('started'), words('completed')],
    rows: series.map(({ at, started, completed }) => [
      grain === 'hour' ? at : at.slice(0, 10),
      started,
      completed,
    ]),
    drawing:
      signIns.started === 0
        ? null
        : lines({
            labels: series.map(({ at }) => (grain === 'hour' ? talk.hour(at) : talk.day(at))),
            series: [
              { name: words('started'), values: series.map((each) => each.started) },
              { name: words('completed'), values: series.map((each) => each.completed) },
            ],
            unfinished,
            write: talk.short,
          }),
  })
}

/** People who were here, by day. */
export const activeFigure = (talk: Talk, byDay: Overview, now: Date): Figure => {
  const { words, number } = talk
  const days = daily(byDay, byDay.activeByDay, ({ day }) => day)
  const of = (name: 'daily' | 'weekly' | 'monthly') => days.map((each) => each.counted?.[name] ?? 0)
  const last = days.at(-1)?.counted
  return figureOf(talk, 'active', {
    summary: words('active-summary', {
      daily: number(last?.daily ?? 0),
      weekly: number(last?.weekly ?? 0),
      monthly: number(last?.monthly ?? 0),
    }),
    heads: [words('day'), words('daily'), words('weekly'), words('monthly')],
    rows: days.map(({ day, counted }) => [
      day,
      counted?.daily ?? 0,
      counted?.weekly ?? 0,
      counted?.monthly ?? 0,
    ]),
    drawing: of('monthly').every((count) => count === 0)
      ? null
      : lines({
          labels: days.map(({ day }) => talk.day(day)),
          series: [
            { name: words('mau'), values: of('monthly') },
            { name: words('wau'), values: of('weekly') },
            { name: words('dau'), values: of('daily') },
          ],
          unfinished: isUnfinished(days.at(-1)?.day, dayMs, now),
          write: talk.short,
        }),
  })
}

const users = (byDay: Overview) => {
  const days = daily(byDay, byDay.usersByDay, ({ at }) => at.slice(0, 10))
  let total = byDay.users.total - byDay.users.created + byDay.users.deleted
  return days.map(({ day, counted }) => {
    const { created = 0, deleted = 0 } = counted ?? {}
    total += created - deleted
    return { day, created, deleted, total }
  })
}

/** New people, and all of them, by day. */
export const userFigures = (talk: Talk, byDay: Overview, now: Date): Figure[] => {
  const { words, number } = talk
  const days = users(byDay)
  const labels = days.map(({ day }) => talk.day(day))
  const unfinished = isUnfinished(days.at(-1)?.day, dayMs, now)
  const none = days.every(({ created, total }) => created === 0 && total === 0)
  return [
    figureOf(talk, 'new-users', {
      summary: words('new-users-summary', {
        created: number(byDay.users.created),
        days: days.length,
      }),
      heads: [words('day'), words('created'), words('removed')],
      rows: days.map(({ day, created, deleted }) => [day, created, deleted]),
      drawing: none
        ? null
        : columns({
            labels,
            values: days.map(({ created }) => created),
            unfinished,
            write: talk.short,
          }),
    }),
    figureOf(talk, 'total-users', {
      summary: words('total-users-summary', {
        from: number(days[0]?.total ?? 0),
        to: number(byDay.users.total),
        days: days.length,
      }),
      heads: [words('day'), words('total')],
      rows: days.map(({ day, total }) => [day, total]),
      drawing: none
        ? null
        : lines({
            labels,
            series: [{ name: '', values: days.map(({ total }) => total) }],
            unfinished,
            write: talk.short,
          }),
    }),
  ]
}

/** New people of the last seven days of a period of at least fourteen, and of the seven before. */
export const newIn = (byDay: Overview): { week: number; before: number } => {
  const sum = (days: readonly { created: number }[]) =>
    days.reduce((total, { created }) => total + created, 0)
  const days = users(byDay)
  return { week: sum(days.slice(-7)), before: sum(days.slice(-14, -7)) }
}
