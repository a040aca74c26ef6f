/** Reads the inbox of an evaluation server, where messages go that no connector sends. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Fetch } from './loopback.ts'

/** As `/dev/inbox/messages` has it. */
export interface InboxMessage {
  id: string
  channel: 'sms' | 'email'
  to: string
  usageType: string
  locale: string
  subject: string | null
  text: string
  html: string | null
  code: string | null
  link: string | null
  createdAt: string
}

export interface Inbox {
  /** What is there now, oldest first, without notices. */
  messages(to: string): Promise<InboxMessage[]>
  /** What somebody was told of changes to their account; waited for where `least` is given. */
  notices(to: string, least?: number): Promise<InboxMessage[]>
  /**
   * The newest message, waited for; with `after` none that was there at that instant, with `usage` one
   * that was sent for it.
   */
  messageFor(to: string, after?: Date, usage?: string): Promise<InboxMessage>
  codeFor(to: string, after?: Date, usage?: string): Promise<string>
  linkFor(to: string, after?: Date): Promise<string>
  clear(): Promise<void>
}

const patienceMs = 5000

export const inbox = (server: { fetch: Fetch; baseUrl: string }): Inbox => {
  const path = new URL('/dev/inbox/messages', server.baseUrl)

  const all = async (to: string): Promise<InboxMessage[]> => {
    const url = new URL(path)
    url.searchParams.set('to', to)
    const answer = await server.fetch(url)
    assert.equal(answer.status, 200, `${url.pathname} answers ${answer.status}`)
    return (await answer.json()) as InboxMessage[]
  }

  const isNotice = ({ usageType }: InboxMessage) => usageType === 'SecurityNotice'
  const messages = async (to: string) => (await all(to)).filter((each) => !isNotice(each))

  const notices = async (to: string, least = 0): Promise<InboxMessage[]> => {
    const deadline = Date.now() + 2 * patienceMs
    while (true) {
      const told = (await all(to)).filter(isNotice)
      if (told.length >= least || Date.now() > deadline) return told
      await sleep(50)
    }
  }

  const messageFor = async (to: string, after?: Date, usage?: string): Promise<InboxMessage> => {
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      const newest = (await messages(to)).findLast((each) => !usage || each.usageType === usage)
      if (newest && (!after || new Date(newest.createdAt) > after)) return newest
      await sleep(20)
    }
    throw new assert.AssertionError({ message: `No message came for ${to} in ${patienceMs} ms` })
  }

  const part = async (
    name: 'code' | 'link',
    ...[to, after, usage]: Parameters<Inbox['messageFor']>
  ): Promise<string> => {
    const value = (await messageFor(to, after, usage))[name]
    assert.ok(value, `The message for ${to} has no ${name}`)
    return value
  }

  return {
    messages,
    notices,
    messageFor,
    codeFor: (to, after, usage) => part('code', to, after, usage),
    linkFor: (to, after) => part('link', to, after),
    async clear() {
      const answer = await server.fetch(path, {
        method: 'DELETE',
        headers: { origin: path.origin, 'sec-fetch-site': 'same-origin' },
      })
      assert.ok(answer.ok, `DELETE ${path.pathname} answers ${answer.status}`)
    },
  }
}
