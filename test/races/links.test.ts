/** Links in browsers that did not ask for them, many at once. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { visitor } from '../support/http.ts'
import { race } from '../support/race.ts'
import { crowd, deploy } from './deployment.ts'

const initiate_login_uri = 'https://shop.example/sign-in'
const numbers = await deploy({ after }, {}, { link_mode: 'number_match' })
const here = await deploy({ after }, {}, { link_mode: 'sign_in_here', initiate_login_uri })

/** Somebody waits, and a link of theirs is open in another browser. */
const opened = async ({ arrive, mail, servers }: typeof numbers, email: string) => {
  const arrival = await arrive()
  const page = await arrival.person.submit('identify', { identifier: email })
  const number = Number(/class="shown-code"><strong[^>]*>(\d\d)</.exec(page.html)?.[1])
  const { link, code } = await mail.messageFor(email)
  const phone = visitor(servers)
  await phone.open(link!)
  return { ...arrival, base: page.url, number, link: link!, code: code!, phone }
}

test('of a hundred guesses at a number three are compared, and the right one then fails', async () => {
  const { phone, link, number } = await opened(numbers, 'guess@example.com')
  const wrong = String(number === 99 ? 10 : number + 1)
  const { won, lost } = await race(crowd, () => phone.copy().post(link, { number: wrong }))
  assert.deepEqual(lost, [])
  assert.equal(won.filter(({ status }) => status === 422).length, 2, 'the third is the last')
  assert.ok(won.every(({ status }) => status === 422 || status === 200))
  await phone.post(link, { number: String(number) })
  const [challenge] = await numbers.sql(
    `select number_tries, approved_at from challenges where identifier_value = 'guess@example.com'`,
  )
  assert.deepEqual(challenge, { number_tries: 3, approved_at: null })
})

test('a hundred tabs that wait for one approval prove it once', async () => {
  const { phone, link, number, person, base, request } = await opened(numbers, 'wait@example.com')
  await phone.post(link, { number: String(number) })
  const { won, lost } = await race(crowd, () => person.copy().open(base))
  assert.deepEqual(lost, [])
  assert.ok(won.every(({ status }) => status < 500))
  const back = won.filter(({ left }) => left && new URL(left).searchParams.has('code'))
  assert.ok(back.length >= 1)
  await numbers.shop.exchange(request, back[0]!.left!)
  const proofs = await numbers.sql(
    `select 1 from audit_events where event = 'verification.succeeded' and method = 'email-link'`,
  )
  assert.equal(proofs.length, 1)
})

test('of a hundred who type the code of a message elsewhere, one begins a sign-in there, once', async () => {
  const { phone, link, code, request } = await opened(here, 'carry@example.com')
  const typed = await race(crowd, () => phone.copy().post(link, { code }))
  assert.deepEqual(typed.lost, [])
  const sent = typed.won.filter(({ left }) => left?.startsWith(initiate_login_uri))
  assert.equal(sent.length, 1)
  assert.ok(typed.won.every(({ status }) => status < 500))

  const login_hint = 'carry@example.com'
  const requests = await Promise.all(
    Array.from({ length: crowd }, () => here.shop.authorize({ login_hint })),
  )
  const begun = await race(crowd, (index) => phone.copy().open(requests[index]!.url))
  assert.deepEqual(begun.lost, [])
  assert.ok(begun.won.every(({ status }) => status < 500))
  const back = begun.won.filter(({ left }) => left && new URL(left).searchParams.has('code'))
  assert.equal(back.length, 1, request.state)
})
