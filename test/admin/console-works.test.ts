import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Visit } from '../support/http.ts'
import { startServer } from '../support/server.ts'
import { becomeOwner } from './console.ts'
import { sqlOf } from './people.ts'

const server = await startServer({ after })
const sql = sqlOf({ after }, server)
const { owner } = await becomeOwner(server)

const boundary = 'a-boundary-of-a-form'
type Part = [name: string, value: string, filename?: string]

/** As a browser sends a form with a file. */
const multipart = (parts: readonly Part[]): string => {
  const written = parts.map(([name, value, filename]) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`
    const type = filename === undefined ? '' : 'Content-Type: text/csv\r\n'
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${type}\r\n${value}\r\n`
  })
  return `${written.join('')}--${boundary}--\r\n`
}

const upload = async (parts: readonly Part[], body = multipart(parts)): Promise<Visit> => {
  await owner.open('/admin/users/import')
  return owner.post('/admin/users/import', body, {
    'content-type': `multipart/form-data; boundary=${boundary}`,
  })
}

const ended = async (page: Visit): Promise<Visit> => {
  let seen = page
  while (/data-follow=/.test(seen.html)) {
    await sleep(50)
    seen = await owner.open(page.url)
  }
  return seen
}

const file =
  'id,email,email_verified\nk1,k1@example.com,true\n=k2,<script>,true\nk3,k3@example.com,\n'

test('a file is tried, imported, left and found again, with what was refused', async () => {
  const tried = await ended(
    await upload([
      ['format', 'csv'],
      ['hashConfig', ''],
      ['dryRun', 'on'],
      ['file', file, 'people.csv'],
    ]),
  )
  assert.match(tried.url, /\/admin\/works\/[\w-]+$/)
  assert.match(tried.text, /That was a trial: nobody was added/)
  assert.match(tried.text, /Would be added 2/)
  assert.equal((await sql("select 1 from users where id = 'k1'")).length, 0)

  const done = await ended(
    await upload([
      ['format', 'csv'],
      ['file', file, 'people.csv'],
    ]),
  )
  assert.match(done.text, /Import from CSV/)
  assert.match(done.text, /3 of 3 Added 2 Here already 0 Refused 1/)
  assert.match(done.text, /3 =k2 email "<script>": That is not an email address./)
  assert.doesNotMatch(done.html, /email "<script>"/)
  const report = await owner.open(/href="(\/admin\/works\/[\w-]+\/report)"/.exec(done.html)![1]!)
  assert.match(report.headers.get('content-disposition')!, /attachment/)
  assert.match(report.html, /\r\n3,'=k2,/)
  const list = await owner.open('/admin/works')
  assert.ok(list.html.includes(new URL(done.url).pathname))
  assert.match(list.text, /Trial: CSV Done 3 of 3 1/)
})

test('the settings of Firebase are pasted as its console shows them', async () => {
  const users = JSON.stringify({
    users: [
      {
        localId: 'fire1',
        email: 'fire1@example.com',
        emailVerified: true,
        passwordHash:
          'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
        salt: '42xEC+ixf3L2lw==',
      },
    ],
  })
  const config = `hash_config {
  algorithm: SCRYPT,
  base64_signer_key: jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,
  base64_salt_separator: Bw==,
  rounds: 8,
  mem_cost: 14,
}`
  const wrong = await upload([
    ['format', 'firebase'],
    ['hashConfig', config.replace('rounds', 'around')],
    ['file', users, 'users.json'],
  ])
  assert.equal(wrong.status, 422)
  assert.match(wrong.text, /has to hold rounds/)
  assert.doesNotMatch(wrong.html, /jxspr8Ki/, 'a key is not shown again')
  const done = await ended(
    await upload([
      ['format', 'firebase'],
      ['hashConfig', config],
      ['file', users, 'users.json'],
    ]),
  )
  assert.match(done.text, /Added 1/)
  const [row] = await sql<{ hash: string }>("select hash from passwords where user_id = 'fire1'")
  assert.match(row!.hash, /^unpeppered\$/)
})

test('a form without a file, or of another shape, is refused with words', async () => {
  const none = await upload([
    ['format', 'csv'],
    ['file', '', ''],
  ])
  assert.equal(none.status, 422)
  assert.match(none.text, /has to be chosen/)
  const empty = await upload([
    ['format', 'csv'],
    ['file', '', 'empty.csv'],
  ])
  assert.equal(empty.status, 422)
  assert.match(empty.text, /is empty/)
  const shoe = await upload([
    ['format', 'shoe'],
    ['file', file, 'people.csv'],
  ])
  assert.equal(shoe.status, 422)
  const failed = await ended(
    await upload([
      ['format', 'csv'],
      ['file', 'shoe\n42', 'people.csv'],
    ]),
  )
  assert.match(failed.text, /It failed: The column "shoe" is not known/)
  for (const body of [
    '',
    'nothing of the kind',
    `--${boundary}\r\n\r\n`,
    multipart([
      ['format', 'csv'],
      ['file', file, 'people.csv'],
    ]).slice(0, -30),
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nid,em`,
  ]) {
    const broken = await upload([], body)
    assert.ok([400, 422].includes(broken.status), `${broken.status} ${body}`)
  }
  const plain = await owner.post('/admin/users/import', { format: 'csv' })
  assert.equal(plain.status, 415)
  const foreign = await owner.post('/admin/users/import', multipart([['format', 'csv']]), {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'sec-fetch-site': 'cross-site',
  })
  assert.equal(foreign.status, 403)
  assert.equal((await sql("select 1 from works where state = 'uploading'")).length, 0)
})

test('everybody is exported into a file, which is left, found again and fetched', async () => {
  await owner.open('/admin/users/export')
  const page = await ended(await owner.submit('export', { format: 'csv' }))
  assert.match(page.url, /\/admin\/works\/[\w-]+$/)
  assert.match(page.text, /Export as CSV/)
  const [row] = await sql<{ people: number }>('select count(*)::int as people from users')
  assert.match(page.html, /<progress[^>]*>/)
  assert.match(page.text, new RegExp(`${row!.people} of ${row!.people} The file is there until`))
  const list = await owner.open('/admin/works')
  assert.ok(list.html.includes(new URL(page.url).pathname))
  assert.match(list.text, /Export as CSV Done/)
  const file = await owner.open(`${page.url}/file`)
  assert.match(file.headers.get('content-disposition')!, /users-.*\.csv/)
  assert.match(file.html, /^id,email,.*\r\n/)
  assert.match(file.html, /k1,k1@example\.com,true/)
  assert.doesNotMatch(file.html, /password_hash/)

  await sql(
    "update works set finished_at = now() - interval '25 hours' where kind = 'users.export'",
  )
  const late = await owner.open(page.url)
  assert.match(late.text, /The file is there no more/)
  assert.ok(!late.html.includes('/file"'))
  assert.equal((await owner.open(`${page.url}/file`)).status, 404)
})

test('passwords are exported and fetched by those who may, after a fresh sign-in', async () => {
  await owner.open('/admin/users/export')
  const page = await ended(await owner.submit('with-passwords', { format: 'csv' }))
  assert.match(page.text, /Export as CSV, with passwords/)
  assert.equal((await owner.open(`${page.url}/file`)).status, 404)
  await owner.open(page.url)
  const whole = await owner.submit('file')
  assert.match(whole.headers.get('content-disposition')!, /users-.*\.csv/)
  assert.match(whole.html, /password_hash/)

  await sql("update admins set role = 'read-only'")
  const read = await owner.open(page.url)
  assert.match(read.text, /The file is there until/)
  assert.ok(!read.forms.some(({ action }) => action.endsWith('/file')))
  assert.equal((await owner.post(`${page.url}/file`, {})).status, 403)
  assert.equal((await owner.post('/admin/users/export/with-passwords', {})).status, 403)
  await sql("update admins set role = 'owner'")

  const works = async () => (await sql('select 1 from works')).length
  const before = await works()
  // Whoever proves themselves anew is let on by the next request, not by this one.
  const longAgo = "update console_sessions set authenticated_at = now() - interval '1 hour'"
  await sql(longAgo)
  await owner.open(page.url)
  const late = await owner.submit('file')
  assert.doesNotMatch(late.html, /password_hash/)
  await sql(longAgo)
  await owner.open('/admin/users/export')
  await owner.submit('with-passwords', { format: 'csv' })
  assert.equal(await works(), before)
  await sql('update console_sessions set authenticated_at = now()')
})

test('who only reads, or helps, takes nobody along as a file', async () => {
  await owner.open('/admin/users/export')
  const page = await ended(await owner.submit('export', { format: 'csv' }))
  const file = `${new URL(page.url).pathname}/file`
  assert.ok(page.html.includes(file))
  for (const role of ['support', 'read-only']) {
    await sql('update admins set role = $1', [role])
    const users = await owner.open('/admin/users')
    assert.ok(!users.html.includes('/admin/users/export'), role)
    assert.match(users.html, /href="\/admin\/works"/)
    assert.equal((await owner.open('/admin/users/export')).status, 403)
    assert.equal((await owner.post('/admin/users/export', { format: 'csv' })).status, 403)
    const seen = await owner.open(page.url)
    assert.match(seen.text, /The file is there until/)
    assert.ok(!seen.html.includes(file))
    assert.equal((await owner.open(file)).status, 403)
  }
  await sql("update admins set role = 'owner'")
})

test('who only reads sees how it goes, and neither imports nor cancels', async () => {
  const [row] = await sql<{ id: string }>('select id from works order by created_at limit 1')
  await sql(
    "update works set state = 'running', lease_until = now() + interval '1 hour' where id = $1",
    [row!.id],
  )
  const mine = await owner.open(`/admin/works/${row!.id}`)
  assert.match(mine.text, /Cancel/)
  await sql("update admins set role = 'read-only'")
  const page = await owner.open(`/admin/works/${row!.id}`)
  assert.equal(page.status, 200)
  assert.ok(!page.forms.some(({ action }) => action.endsWith('/cancel')))
  assert.equal((await owner.post(`/admin/works/${row!.id}/cancel`, {})).status, 403)
  assert.equal((await owner.open('/admin/users/import')).status, 403)
  const refused = await owner.post(
    '/admin/users/import',
    multipart([
      ['format', 'csv'],
      ['file', file, 'people.csv'],
    ]),
    { 'content-type': `multipart/form-data; boundary=${boundary}` },
  )
  assert.equal(refused.status, 403)
  await sql("update admins set role = 'owner'")
  await owner.open(`/admin/works/${row!.id}`)
  const cancelled = await owner.submit('cancel')
  assert.match(cancelled.text, /Cancelled/)
  assert.equal((await owner.open('/admin/works/none')).status, 404)
})
