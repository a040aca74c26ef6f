import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { loopbackFetch } from '../support/loopback.ts'
import { register } from './people.ts'
import { openSite } from './site.ts'

const site = await openSite({ after })

test('whoever watches the server sees how many have signed in, and how', async () => {
  await register(site, 'anna@example.com')
  await register(site, '+1 201 555 0123')
  const { metricsAddress } = site.server
  const text = await (await loopbackFetch(metricsAddress)(`${metricsAddress}/metrics`)).text()
  assert.match(text, /^avouch_sign_ins_total\{method="email-code",acr="aal1"\} 1$/m)
  assert.match(text, /^avouch_sign_ins_total\{method="sms-code",acr="aal1"\} 1$/m)
})
