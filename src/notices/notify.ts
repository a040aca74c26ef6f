import { randomUUID } from 'node:crypto'
import type { Consumer, LoggedEvent } from '#src/audit/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { Messaging, NoticeKind } from '#src/messaging/contract.ts'
import type { Settings } from '#src/settings/contract.ts'
import { isWrongTry, noticeOf, reachesFormer } from './policy.ts'
import { type Address, noticeRepository } from './repository.ts'

export interface NoticeDeps {
  baseUrl: string
  settings: () => Settings
  messaging: Pick<Messaging, 'serves' | 'queue'>
}

interface Due {
  userId: string
  notice: NoticeKind
  event: LoggedEvent
}

const day = 86_400

/** Queues a message to each address, in the transaction that moves the cursor of the log. */
export const notices = (deps: NoticeDeps) => {
  const consume: Consumer = async (tx, events) => {
    const tried = events.flatMap((event) => (isWrongTry(event) && event.userId) || [])
    // What this adds to the log is told when the log is followed as far as that.
    if (tried.length > 0) await noticeRepository(tx).noteFailedSteps([...new Set(tried)])
    const due = dueOf(events)
    if (due.length === 0) return
    const repository = noticeRepository(tx)
    const beginnings = await repository.beginnings(
      due.flatMap(({ event }) => event.interactionUid ?? []),
      due.map(({ userId }) => userId),
    )
    const told = due.filter(
      ({ userId, event }) => !beginnings.has(userId) && !beginnings.has(event.interactionUid ?? ''),
    )
    if (told.length === 0) return
    const addresses = await repository.addresses([...new Set(told.map(({ userId }) => userId))])
    for (const { userId, notice } of told) {
      const reached = addresses.filter(
        (address) => address.userId === userId && (!address.former || reachesFormer(notice)),
      )
      for (const address of reached) await queue(deps, tx, address, notice)
    }
  }
  return { consume, sweep: (db: Db) => noticeRepository(db).sweep() }
}

/** What happened long ago, as far as a restored log tells, is no news; once is enough for the rest. */
const dueOf = (events: readonly LoggedEvent[]): Due[] => {
  const oldest = Date.now() - day * 1000
  const due = new Map<string, Due>()
  for (const event of events) {
    const notice = noticeOf(event)
    if (!notice || !event.userId || event.at.getTime() < oldest) continue
    due.set(`${event.userId} ${notice}`, { userId: event.userId, notice, event })
  }
  return [...due.values()]
}

const queue = async (
  { baseUrl, settings, messaging }: NoticeDeps,
  tx: Db,
  { type, value, locale }: Address,
  notice: NoticeKind,
): Promise<void> => {
  const channel = type === 'email' ? 'email' : 'sms'
  if (!messaging.serves(channel, value)) return
  const { branding, signIn } = settings()
  await messaging.queue(tx, {
    id: randomUUID(),
    channel,
    to: value,
    usageType: 'SecurityNotice',
    locale: locale ?? signIn.languages.default,
    variables: {
      code: '',
      link: `${baseUrl}/account/activity`,
      expiresInMinutes: day / 60,
      applicationName: branding.name,
      userName: null,
      notice,
    },
    ttlSeconds: day,
    interactionUid: null,
    clientId: null,
  })
}
