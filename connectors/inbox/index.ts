import { z } from 'zod'
import { defineConnector } from '../contract.ts'

/** Keeps messages on this server, where `/dev/inbox` shows them. Evaluation mode only. */
export default defineConnector({
  id: 'inbox',
  channels: ['sms', 'email'],
  name: 'Inbox',
  config: z.strictObject({}),

  async open(_config, host) {
    return {
      async send(message) {
        await host.keep(message)
        return { reference: message.id }
      },
      async verify() {},
      async close() {},
    }
  },
})
