import type { Message } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'

/** A message that was kept instead of sent, in clear. Evaluation mode only. */
export interface InboxMessage extends Message {
  createdAt: Date
}

interface InboxRow {
  message: Message
  created_at: Date
}

const capacity = 500

/** What the inbox keeps: the newest 500 messages. */
export const inboxRepository = (db: Db) => ({
  async keep(message: Message): Promise<void> {
    await db.query(
      'inbox.keep',
      `with kept as (
         insert into inbox_messages (id, channel, recipient, message) values ($1, $2, $3, $4)
         on conflict (id) do nothing returning position)
       delete from inbox_messages where position <= (select position from kept) - ${capacity}`,
      [message.id, message.channel, message.to, JSON.stringify(message)],
    )
  },

  /** Oldest first; `to` is canonical. */
  async list({ to }: { to?: string } = {}): Promise<InboxMessage[]> {
    const rows = await db.query<InboxRow>(
      'inbox.list',
      `select message, created_at from inbox_messages
        where $1::text is null or recipient = $1 order by position`,
      [to ?? null],
    )
    return rows.map(({ message, created_at }) => ({ ...message, createdAt: created_at }))
  },

  async clear(): Promise<void> {
    await db.query('inbox.clear', 'delete from inbox_messages')
  },
})

export type InboxRepository = ReturnType<typeof inboxRepository>
