/** A log with everything that sign-ins can leave in it, at random, over some weeks. */
import type { Db } from '#src/db/contract.ts'

const some = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)]!
const number = (below: number) => Math.floor(Math.random() * below)
const dayMs = 86_400_000

const clients = ['shop', 'app', null]
const countries = ['CH', 'DE', 'NG', null]
const people = Array.from({ length: 12 }, (_, index) => `person-${index}`)

interface Happening {
  at: Date
  event: string
  interaction?: string
  user?: string
  client?: string | null
  channel?: string | null
  method?: string
  connector?: string
  country?: string | null
  result?: string | null
  detail?: string
}

/** One sign-in, with a chance to go wrong at each step. */
export const signIn = (from: Date): Happening[] => {
  const interaction = `i-${number(1e12)}`
  const client = some(clients)
  const channel = some(['sms', 'email', null])
  const country = channel === 'sms' ? some(countries) : null
  const connector = some(['one', 'two'])
  const user = some(people)
  const at = new Date(from.getTime() + number(45 * dayMs))
  const common = { at, interaction, client }
  const events: Happening[] = [{ ...common, event: 'sign_in.started' }]
  const reached = number(8)
  if (channel) {
    const over = { ...common, channel, country }
    if (reached === 0) return [...events, { ...over, event: 'message.refused', result: 'locked' }]
    for (let sent = 0; sent <= number(3); sent += 1)
      events.push({ ...over, event: 'message.queued' })
    if (reached === 1) {
      const result = some(['rejected', 'unavailable'])
      return [...events, { ...over, connector, event: 'message.failed', result }]
    }
    events.push({ ...over, connector, event: 'message.accepted' })
    if (reached > 3) events.push({ ...over, connector, event: 'message.delivered' })
    if (number(2)) events.push({ ...over, event: 'link.opened', result: 'other_browser' })
  }
  const method = channel ? `${channel}-code` : 'password'
  const over = { ...common, channel, country, method, user }
  if (number(2)) events.push({ ...over, event: 'verification.failed', result: 'incorrect_code' })
  if (reached < 4) return events
  const later = { ...over, at: new Date(at.getTime() + number(dayMs)) }
  const detail = JSON.stringify({ tookMs: number(700_000) })
  events.push({
    ...later,
    connector,
    event: 'verification.succeeded',
    ...(channel ? { detail } : {}),
  })
  if (reached < 5) return events
  events.push({ ...common, at: later.at, user, method, event: 'sign_in.completed', result: 'aal1' })
  if (reached < 6) return events
  return [
    ...events,
    { ...common, at: later.at, user, method: 'authorization_code', event: 'token.issued' },
  ]
}

export const write = (db: Db, { at, event, ...rest }: Happening): Promise<unknown> =>
  db.query(
    'test.happened',
    `insert into audit_events (at, event, interaction_uid, user_id, client_id, channel, method,
       connector, country, result, detail)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      at,
      event,
      rest.interaction ?? null,
      rest.user ?? null,
      rest.client ?? null,
      rest.channel ?? null,
      rest.method ?? null,
      rest.connector ?? null,
      rest.country ?? null,
      rest.result ?? null,
      rest.detail ?? null,
    ],
  )
