import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { answerCode, register } from './people.ts'
import { askSilently, openSite, tokensOf } from './site.ts'

const site = await openSite({ after }, { sign_in_experience: { profile: ['name'] } })

test('two people who sign in at once in two tabs: whoever comes last is signed in', async () => {
  const anna = await register(site, 'anna@example.com')
  const ben = await register(site, 'ben@example.com')
  const first = visitor(site.server)
  const second = visitor(site.server, {}, { jar: first.jar, last: null })
  const before = new Date()
  const one = await site.arrive({}, { person: first })
  const two = await site.arrive({}, { person: second })
  await first.submit('identify', { identifier: 'anna@example.com' })
  await second.submit('identify', { identifier: 'ben@example.com' })

  await answerCode(site, second, 'ben@example.com', before)
  assert.equal((await tokensOf(two)).claims()!.sub, ben.sub)
  await answerCode(site, first, 'anna@example.com', before)
  assert.equal((await tokensOf(one)).claims()!.sub, anna.sub)

  const silent = await site.arrive({ prompt: 'none' }, { person: first })
  assert.equal((await tokensOf(silent)).claims()!.sub, anna.sub)
  const bens = await site.sql('select 1 from oidc_sessions where account_id = $1', [ben.sub])
  assert.equal(bens.length, 1, 'the one of the browser that he registered in')
  assert.equal(await askSilently(site, ben.person), null)
})
