import type { Db } from '#src/db/contract.ts'
import { stages } from './contract.ts'
import { buckets, percentile } from './histogram.ts'
import { askedFor, type Question, stepsOf } from './period.ts'
import { type Asked, type Reports, reportRepository, type Sum } from './report-repository.ts'

const count = (sums: readonly Sum[], is: (sum: Sum) => boolean): number =>
  sums.reduce((total, sum) => (is(sum) ? total + sum.count : total), 0)

const distinct = (sums: readonly Sum[], key: 'channel' | 'connector' | 'country' | 'method') =>
  [...new Set(sums.map((sum) => sum[key] ?? ''))].filter((value) => value !== '').sort()

/** Reasons with how often, the most frequent first. */
const reasonsOf = (sums: readonly Sum[], is: (sum: Sum) => boolean) => {
  const totals = new Map<string, number>()
  for (const sum of sums.filter(is)) {
    const reason = sum.reason || 'other'
    totals.set(reason, (totals.get(reason) ?? 0) + sum.count)
  }
  return [...totals]
    .map(([reason, total]) => ({ reason, count: total }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1))
}

/** From asking for a message to its proof: a histogram, and percentiles estimated from it. */
const timesOf = (sums: readonly Sum[], is: (sum: Sum) => boolean) => {
  const counts = new Map<number, number>()
  for (const { reason, count: more } of sums.filter(is)) {
    const most = Number(reason)
    counts.set(most, (counts.get(most) ?? 0) + more)
  }
  return {
    buckets: buckets.map((most) => ({
      upToSeconds: most === Infinity ? null : most,
      count: counts.get(most) ?? 0,
    })),
    medianSeconds: percentile(counts, 0.5),
    p90Seconds: percentile(counts, 0.9),
  }
}

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)

const periodOf = ({ grain, since, until }: Asked) => ({ grain, since, until })

export type Report<Name extends keyof ReturnType<typeof reports>> = Awaited<
  ReturnType<ReturnType<typeof reports>[Name]>
>

/** What admins are shown of how sign-ins fare. Every report reads counts, and never the log. */
export const reports = (db: Db, now: () => Date = () => new Date()) => {
  const repository: Reports = reportRepository(db)

  return {
    /** Users, who of them was active, and sign-ins, by day or hour. Users are those of all clients. */
    async overview(question: Question) {
      const asked = askedFor(question, now())
      const metrics = ['sign_in.started', 'sign_in.completed', 'token.issued']
      const [sums, active, changes, times] = await Promise.all([
        repository.sums({ ...asked, channel: null }, metrics, ['at']),
        repository.active(asked),
        repository.userChanges(asked.until),
        repository.sums(asked, ['verified.within'], ['reason']),
      ])
      const of = (metric: string) => (sum: Sum) => sum.metric === metric
      const [started, completed] = [of('sign_in.started'), of('sign_in.completed')]
      const within = changes.filter(({ at }) => at >= asked.since)
      const total = changes.reduce((sum, each) => sum + each.created - each.deleted, 0)
      const created = within.reduce((sum, each) => sum + each.created, 0)
      return {
        ...periodOf(asked),
        users: { total, created, deleted: within.reduce((sum, each) => sum + each.deleted, 0) },
        active: active.at(-1) ?? null,
        signIns: {
          started: count(sums, started),
          completed: count(sums, completed),
          issued: count(sums, of('token.issued')),
          share: share(count(sums, completed), count(sums, started)),
        },
        times: timesOf(times, () => true),
        series: stepsOf(asked).map((at) => {
          const here = sums.filter((sum) => sum.at!.getTime() === at.getTime())
          return { at, started: count(here, started), completed: count(here, completed) }
        }),
        activeByDay: active,
        usersByDay: within,
      }
    },

    /**
     * How far the sign-ins came that began in the period, by channel and in all; each is counted once
     * in each stage. Reasons are counted as often as they were given.
     */
    async funnel(question: Question) {
      const asked = askedFor(question, now())
      const lost = {
        sent: ['message.refused'],
        accepted: ['message.failed', 'message.unknown', 'message.dropped'],
        delivered: ['message.undelivered'],
        verified: ['verification.failed'],
        issued: ['consent.refused'],
      } as const
      const everywhere = { ...asked, channel: null }
      const [reached, losses, times, links] = await Promise.all([
        repository.sums(
          everywhere,
          stages.map((stage) => `funnel.${stage}`),
          ['channel'],
        ),
        repository.sums(everywhere, Object.values(lost).flat(), ['channel', 'reason']),
        repository.sums(everywhere, ['verified.within'], ['channel', 'reason']),
        repository.sums(everywhere, ['link.opened'], ['channel', 'reason']),
      ])
      const channels = asked.channel ? [asked.channel] : ['all', ...distinct(reached, 'channel')]
      const shown = [...new Set(channels)]
      return {
        ...periodOf(asked),
        channels: shown.map((channel) => {
          const mine = (sum: Sum) => channel === 'all' || sum.channel === channel
          return {
            channel,
            stages: stages.map((stage) => ({
              stage,
              count: count(
                reached,
                (sum) => sum.metric === `funnel.${stage}` && sum.channel === channel,
              ),
              losses: reasonsOf(
                losses,
                (sum) =>
                  mine(sum) &&
                  ((lost as Record<string, readonly string[]>)[stage] ?? []).includes(sum.metric),
              ),
            })),
            times: timesOf(times, mine),
            links: reasonsOf(links, mine),
          }
        }),
      }
    },

    /** Text messages by country, with the share of them that proved something. */
    async countries(question: Question) {
      const asked = askedFor(question, now())
      const metrics = [
        'message.queued',
        'message.accepted',
        'message.failed',
        'message.delivered',
        'verification.succeeded',
      ]
      const sums = await repository.sums(asked, metrics, ['country'])
      const data = distinct(sums, 'country').map((country) => {
        const of = (metric: string) =>
          count(sums, (sum) => sum.country === country && sum.metric === metric)
        const sent = of('message.queued')
        const verified = of('verification.succeeded')
        return {
          country,
          sent,
          accepted: of('message.accepted'),
          failed: of('message.failed'),
          delivered: of('message.delivered'),
          verified,
          conversion: share(verified, sent),
        }
      })
      return { ...periodOf(asked), data: data.sort((a, b) => b.sent - a.sent) }
    },

    /** Messages by the connector that had the last word on them, with its failures. */
    async connectors(question: Question) {
      const asked = askedFor(question, now())
      const failures = ['message.failed', 'message.unknown', 'message.undelivered']
      const metrics = ['message.accepted', 'message.delivered', 'verification.succeeded']
      const [sums, times] = await Promise.all([
        repository.sums(asked, [...metrics, ...failures], ['connector', 'reason']),
        repository.sums(asked, ['verified.within'], ['connector', 'reason']),
      ])
      const data = distinct(sums, 'connector').map((connector) => {
        const mine = (sum: Sum) => sum.connector === connector
        const of = (metric: string) => count(sums, (sum) => mine(sum) && sum.metric === metric)
        return {
          connector,
          accepted: of('message.accepted'),
          delivered: of('message.delivered'),
          verified: of('verification.succeeded'),
          failed: of('message.failed') + of('message.unknown'),
          failures: reasonsOf(sums, (sum) => mine(sum) && failures.includes(sum.metric)),
          times: timesOf(times, mine),
        }
      })
      // Where nothing was set up to send it.
      const none = (sum: Sum) => sum.connector === '' && failures.includes(sum.metric)
      return { ...periodOf(asked), data, withoutConnector: reasonsOf(sums, none) }
    },

    /** Ways to prove who one is: how often each was used and failed, and which factors were set up. */
    async methods(question: Question) {
      const asked = askedFor(question, now())
      const metrics = ['verification.succeeded', 'verification.failed']
      const [proofs, completed, factors] = await Promise.all([
        repository.sums(asked, metrics, ['method', 'reason']),
        repository.sums({ ...asked, channel: null }, ['sign_in.completed'], ['method']),
        repository.sums(
          { ...asked, channel: null, clientId: null },
          ['factor.added', 'user.factors_reset'],
          ['method'],
        ),
      ])
      return {
        ...periodOf(asked),
        data: distinct([...proofs, ...factors], 'method').map((method) => {
          const of = (sums: readonly Sum[], metric: string) =>
            count(sums, (sum) => sum.method === method && sum.metric === metric)
          const failed = (sum: Sum) => sum.method === method && sum.metric === 'verification.failed'
          return {
            method,
            succeeded: of(proofs, 'verification.succeeded'),
            failed: count(proofs, failed),
            failures: reasonsOf(proofs, failed),
            added: of(factors, 'factor.added'),
            reset: of(factors, 'user.factors_reset'),
          }
        }),
        // What was proven together, such as `password totp`.
        signIns: distinct(completed, 'method').map((methods) => ({
          methods: methods.split(' '),
          completed: count(completed, (sum) => sum.method === methods),
        })),
      }
    },
  }
}
