import { columns, type Row, rows } from '../charts/index.ts'
import { type Figure, figureOf, type Talk, type ToldReport } from './figure.ts'

const mostRows = 12

/** Where at least so many were sent, fewer proofs than this share look like somebody is after the cost. */
const alarm = { sent: 50, share: 0.3 }

/** Of a flag and a name in the language of the page; the code where there is no such country. */
const countryName = (code: string, lang: string): string => {
  try {
    return new Intl.DisplayNames(lang, { type: 'region' }).of(code) ?? code
  } catch {
    return code
  }
}

/** How many text messages of each country proved something. */
export const countryFigure = (
  talk: Talk,
  report: ToldReport<'countries'>,
  lang: string,
): Figure => {
  const { words, number, share } = talk
  const isLow = (sent: number, conversion: number | null) =>
    sent >= alarm.sent && (conversion ?? 0) < alarm.share
  const low = report.data.filter(({ sent, conversion }) => isLow(sent, conversion))
  const [first] = report.data
  return figureOf(talk, 'countries', {
    summary: first
      ? words('countries-summary', {
          countries: report.data.length,
          first: countryName(first.country, lang),
          share: share(first.conversion),
          low: low.length,
        })
      : '',
    heads: ['country', 'sent', 'accepted', 'failed', 'delivered', 'verified', 'conversion'].map(
      (key) => words(key),
    ),
    rows: report.data.map((each) => [
      each.country,
      each.sent,
      each.accepted,
      each.failed,
      each.delivered,
      each.verified,
      { share: each.conversion },
    ]),
    drawing: first
      ? rows(
          report.data.slice(0, mostRows).map(
            ({ country, sent, verified, conversion }): Row => ({
              name: countryName(country, lang),
              note: words(isLow(sent, conversion) ? 'countries-low' : 'countries-row', {
                share: share(conversion),
                sent: number(sent),
              }),
              parts: [verified],
              rest: Math.max(0, sent - verified),
              alarming: isLow(sent, conversion),
            }),
          ),
        )
      : null,
  })
}

/** What kept connectors from delivering. */
export const failureFigure = (talk: Talk, report: ToldReport<'connectors'>): Figure => {
  const { words, number } = talk
  const none = { connector: words('no-connector'), accepted: 0, failures: report.withoutConnector }
  const all = [...report.data, ...(report.withoutConnector.length > 0 ? [none] : [])]
    .map(({ connector, accepted, failures }) => ({
      connector,
      accepted,
      failures,
      failed: failures.reduce((sum, { count }) => sum + count, 0),
    }))
    .sort((a, b) => b.failed - a.failed)
  const failed = all.reduce((sum, each) => sum + each.failed, 0)
  return figureOf(talk, 'failures', {
    summary: words('failures-summary', { failed: number(failed), connectors: all.length }),
    heads: [words('connector'), words('failure'), words('count'), words('accepted')],
    rows: all.flatMap(({ connector, accepted, failures }) =>
      failures.length === 0
        ? [[connector, '–', 0, accepted]]
        : failures.map(({ reason, count }) => [connector, reason, count, accepted]),
    ),
    drawing:
      failed === 0
        ? null
        : rows(
            all
              .filter((each) => each.failed > 0)
              .slice(0, mostRows)
              .map((each) => ({
                name: each.connector,
                note: words('failures-row', {
                  failed: number(each.failed),
                  accepted: number(each.accepted),
                }),
                parts: each.failures.slice(0, 5).map(({ count }) => count),
                detail: each.failures
                  .slice(0, 3)
                  .map(({ reason, count }) => `${talk.reason(reason)} ${number(count)}`)
                  .join(' · '),
              })),
          ),
  })
}

type Channel = ToldReport<'funnel'>['channels'][number]

/** From asking for a message to its proof. */
export const timeFigure = (talk: Talk, { times }: ToldReport<'overview'>): Figure => {
  const { words, seconds } = talk
  const { buckets, medianSeconds, p90Seconds } = times
  const bounds = buckets.map(({ upToSeconds }) => upToSeconds)
  const name = (most: number | null, index: number) =>
    most === null
      ? words('longer', { seconds: bounds[index - 1] ?? 0 })
      : words('up-to', { seconds: most })
  const markers = [
    { name: 'p50', at: medianSeconds },
    { name: 'p90', at: p90Seconds },
  ].flatMap(({ name, at }) =>
    at === null ? [] : [{ name: `${name} ${seconds(at)}`, at: placeAmong(bounds, at) }],
  )
  return figureOf(talk, 'times', {
    summary: words('times-summary', { median: seconds(medianSeconds), most: seconds(p90Seconds) }),
    heads: [words('took'), words('proofs')],
    rows: buckets.map(({ upToSeconds, count }, index) => [name(upToSeconds, index), count]),
    drawing: buckets.every(({ count }) => count === 0)
      ? null
      : columns({
          labels: bounds.map((most, index) =>
            most === null ? `>${bounds[index - 1]}` : `${most}`,
          ),
          values: buckets.map(({ count }) => count),
          unfinished: false,
          labelled: 13,
          markers,
          write: talk.short,
        }),
  })
}

/** Where a value lies among classes with these upper bounds: 1.5 is the middle of the second. */
export const placeAmong = (bounds: readonly (number | null)[], value: number): number => {
  const index = bounds.findIndex((most) => most === null || value <= most)
  if (index < 0) return bounds.length
  const [from, to] = [bounds[index - 1] ?? 0, bounds[index] ?? null]
  return to === null ? index : index + (value - from) / (to - from)
}

/** Whether links were opened where they had been asked for. */
export const linkFigure = (talk: Talk, channels: readonly Channel[]): Figure => {
  const { words, number, share } = talk
  const opened = channels[0]?.links ?? []
  const total = opened.reduce((sum, { count }) => sum + count, 0)
  const same = opened.find(({ reason }) => reason === 'same_browser')?.count ?? 0
  return figureOf(talk, 'links', {
    summary: words('links-summary', {
      total: number(total),
      share: share(total > 0 ? same / total : null),
    }),
    heads: [words('browser'), words('opened')],
    rows: opened.map(({ reason, count }) => [reason, count]),
    drawing:
      total === 0
        ? null
        : rows(
            opened.map(({ reason, count }) => ({
              name: talk.reason(reason),
              note: `${number(count)} · ${share(count / total)}`,
              parts: [count],
            })),
          ),
  })
}
