/** How connectors have done, as the list of them tells it, and what their messages look like in public. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { visitor } from '../support/http.ts'
import { relyingParty } from '../support/relying-party.ts'
import { startServer } from '../support/server.ts'
import { accepts, refuses, startTwilio } from '../support/twilio-double.ts'
import { becomeOwner } from './console.ts'

test('the list tells the share of a day, the last error in the words of the vendor, and who is passed over', async (t) => {
  const twilio = await startTwilio(t)
  const shop = await relyingParty(t)
  const server = await startServer(t, {
    config: {
      clients: [shop.registration],
      connectors: [
        {
          id: 'sms-main',
          connector: 'twilio-sms',
          config: {
            accountSID: 'ACtest',
            authToken: 'a-token',
            fromNumber: '+15550100',
            baseUrl: twilio.baseUrl,
          },
        },
      ],
    },
  })
  await shop.discover(server)
  const { owner } = await becomeOwner(server)
  let people = 0
  const message = async () => {
    const person = visitor(server)
    await person.open((await shop.authorize({})).url)
    await person.submit('identify', { identifier: `+4179123450${people++}` })
  }
  const list = async (until: RegExp): Promise<string> => {
    for (;;) {
      const { text } = await owner.open(`${server.baseUrl}/admin/connectors`)
      if (until.test(text)) return text
      await sleep(50)
    }
  }

  twilio.answer = accepts
  await message()
  await list(/100 % of 1 accepted/)

  twilio.answer = refuses(400, 21211)
  await message()
  assert.match(await list(/50 % of 2 accepted/), /21211: The number ••• was refused/)

  twilio.answer = refuses(503, 20503)
  for (let time = 0; time < 5; time += 1) await message()
  assert.match(
    await list(/Passed over, since it keeps failing/),
    /20503: The number ••• was refused/,
  )
})
