import { type FunnelStage, funnel, lostBefore } from '../charts/index.ts'
import { type Figure, figureOf, type Talk, type ToldReport } from './figure.ts'

type Channel = ToldReport<'funnel'>['channels'][number]
type Stage = Channel['stages'][number]

const drawn: Record<string, readonly string[]> = {
  // Whoever gives a password is sent nothing.
  all: ['started', 'verified', 'issued'],
  sms: ['started', 'sent', 'accepted', 'delivered', 'verified', 'issued'],
  email: ['started', 'sent', 'accepted', 'delivered', 'verified', 'issued'],
}
const mostReasons = 3

/** How far sign-ins came, one picture for each channel. */
export const funnelFigures = (talk: Talk, { channels }: ToldReport<'funnel'>): Figure[] =>
  channels
    .filter(({ channel }) => channel in drawn)
    .map(({ channel, stages }) => funnelOf(talk, channel, stages))

const funnelOf = (talk: Talk, channel: string, all: readonly Stage[]): Figure => {
  const { words, number, share } = talk
  const started = all.find(({ stage }) => stage === 'started')?.count ?? 0
  const issued = all.find(({ stage }) => stage === 'issued')?.count ?? 0
  const stages = drawn[channel]!.map((name) => {
    const { count = 0, losses = [] } = all.find(({ stage }) => stage === name) ?? {}
    return { name, count, unknown: name === 'delivered' && count === 0, losses }
  })
  const lost = lostBefore(stages)
  return figureOf(
    talk,
    `funnel-${channel}`,
    {
      summary: words('funnel-summary', {
        started: number(started),
        issued: number(issued),
        share: share(started > 0 ? issued / started : null),
      }),
      heads: [words('stage'), words('sign-ins-head'), words('lost'), words('reasons')],
      rows: stages.map(({ name, count, unknown, losses }, index) => [
        words(`stage-${name}`),
        unknown ? null : count,
        lost[index] ?? 0,
        losses.map(({ reason, count }) => `${reason} ${count}`).join(', '),
      ]),
      drawing:
        started === 0
          ? null
          : funnel(
              stages.map(
                ({ name, count, unknown, losses }, index): FunnelStage => ({
                  name: words(`stage-${name}`),
                  count,
                  unknown,
                  note: unknown
                    ? words('no-receipts')
                    : `${number(count)} · ${share(count / started)}`,
                  losses: lossLines(talk, lost[index] ?? 0, losses),
                }),
              ),
            ),
    },
    'funnel',
  )
}

const lossLines = (talk: Talk, lost: number, losses: Stage['losses']): string[] => [
  ...(lost > 0 ? [talk.words('funnel-lost', { lost: talk.number(lost) })] : []),
  ...losses
    .slice(0, mostReasons)
    .map(({ reason, count }) => `${talk.number(count)} × ${talk.reason(reason)}`),
  ...(losses.length > mostReasons
    ? [talk.words('funnel-more', { more: losses.length - mostReasons })]
    : []),
]
