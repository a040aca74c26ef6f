import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '#connectors/contract.ts'
import inbox from '#connectors/inbox/index.ts'
import { emailMessage, openInstance, textMessage } from '../support/messages.ts'

test('the inbox keeps whatever it is given, whole', async (t) => {
  const kept: Message[] = []
  const host = {
    baseUrl: 'http://localhost:3000',
    keep: async (message: Message) => void kept.push(message),
    receiptUrl: () => null,
  }
  const instance = await openInstance(t, inbox, {}, host)
  await instance.verify()
  assert.deepEqual(await instance.send(textMessage), { reference: 'd1' })
  await instance.send(emailMessage)
  assert.deepEqual(kept, [textMessage, emailMessage])
})
