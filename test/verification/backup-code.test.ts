import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { keyring } from '#src/lib/crypto.ts'
import { randomCode, readCode } from '#src/verification/backup-code/code.ts'
import { backupCodeMethod, backupCodesText } from '#src/verification/backup-code/index.ts'
import type { Who } from '#src/verification/contract.ts'
import { type TestDatabase, testOnBoth } from '../support/database.ts'

const at = new Date('2026-11-20T09:00:00Z')

/** Any text, broken Unicode included. */
const anyText = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 0, max: 0x10_ffff }), { maxLength })
    .map((points) => String.fromCodePoint(...points))

const asking = (userId: string | null = 'jane'): Who => ({
  interactionUid: 'i1',
  clientId: 'shop',
  applicationName: 'Shop',
  browser: 'b1',
  identifier: null,
  userId,
  usageType: 'SignIn',
  locale: 'en',
  decoy: false,
})

const withCodes = async (db: TestDatabase, secrets = ['new secret']) => {
  const setUp = (secrets: string[]) =>
    backupCodeMethod({ db, keys: keyring(secrets, 'backup-codes'), now: () => at })
  const method = setUp(secrets)
  for (const id of ['jane', 'john']) {
    await db.query('test.user', 'insert into users (id) values ($1)', [id])
  }
  const codes = method.generate()
  await method.store(db, 'jane', codes)
  return { setUp, method, codes }
}

testOnBoth('a backup code signs in once, and one less is left', async (_t, db) => {
  const { method, codes } = await withCodes(db)
  assert.equal(await method.remaining(db, 'jane'), 10)
  assert.deepEqual(await method.verify(asking(), codes[3]!), {
    method: 'backup-code',
    kind: 'possession',
    channel: null,
    identifier: null,
    userId: 'jane',
    amr: ['otp'],
    at,
  })
  assert.equal(await method.remaining(db, 'jane'), 9)
  await assert.rejects(method.verify(asking(), codes[3]!), {
    code: 'incorrect_backup_code',
    field: 'code',
  })
  assert.equal(await method.remaining(db, 'jane'), 9)
})

testOnBoth(
  'of 100 requests with one backup code at the same moment, one gets in',
  async (_t, db) => {
    const { method, codes } = await withCodes(db)
    const tries = Array.from({ length: 100 }, () => method.verify(asking(), codes[0]!))
    const results = await Promise.allSettled(tries)
    const refusals = results.filter((result) => result.status === 'rejected')
    assert.equal(refusals.length, 99)
    for (const { reason } of refusals) assert.equal(reason.code, 'incorrect_backup_code')
    assert.equal(await method.remaining(db, 'jane'), 9)
  },
)

testOnBoth('ten different backup codes at the same moment all count', async (_t, db) => {
  const { method, codes } = await withCodes(db)
  await Promise.all(codes.map((code) => method.verify(asking(), code)))
  assert.equal(await method.remaining(db, 'jane'), 0)
})

testOnBoth(
  'new backup codes put an end to all earlier ones, however often they are asked for',
  async (_t, db) => {
    const { method, codes } = await withCodes(db)
    const sets = Array.from({ length: 8 }, () => method.generate())
    await Promise.all(sets.map((set) => method.store(db, 'jane', set)))
    assert.equal(await method.remaining(db, 'jane'), 10)
    await assert.rejects(method.verify(asking(), codes[0]!), { code: 'incorrect_backup_code' })
    const results = await Promise.allSettled(sets.map((set) => method.verify(asking(), set[0]!)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1)
  },
)

testOnBoth('a backup code may be typed carelessly', async (_t, db) => {
  const { method, codes } = await withCodes(db)
  const careless = [
    (code: string) => code.toLowerCase(),
    (code: string) => code.replaceAll('-', ''),
    (code: string) => ` ${code.replaceAll('-', ' ')}\u200b\n`,
    (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
    (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'i').replaceAll('-', '–'),
  ]
  for (const [index, type] of careless.entries()) {
    await method.verify(asking(), type(codes[index]!))
  }
})

testOnBoth('what is no backup code, or another person’s, is refused', async (_t, db) => {
  const { method, codes } = await withCodes(db)
  for (const typed of ['0000-0000-0000-0000', codes[0]!.slice(1), `${codes[0]}0`, 'U'.repeat(16)]) {
    await assert.rejects(method.verify(asking(), typed), { code: 'incorrect_backup_code' })
  }
  for (const userId of ['john', 'nobody', null]) {
    const refused = { code: 'incorrect_backup_code' }
    await assert.rejects(method.verify(asking(userId), codes[0]!), refused)
  }
  await assert.rejects(method.verify(asking(), ' '), { code: 'code_required' })
  await assert.rejects(method.verify(asking(), 'x'.repeat(10_000)), { code: 'code_malformed' })
  assert.equal(await method.remaining(db, 'john'), 0)
  await method.remove(db, 'jane')
  await assert.rejects(method.verify(asking(), codes[0]!), { code: 'incorrect_backup_code' })
})

testOnBoth(
  'backup codes still work after a new secret of the server was put first',
  async (_t, db) => {
    const { setUp, codes } = await withCodes(db, ['old secret'])
    const rotated = setUp(['new secret', 'old secret'])
    await rotated.verify(asking(), codes[0]!)
    await assert.rejects(rotated.verify(asking(), codes[0]!), { code: 'incorrect_backup_code' })
    assert.equal(await rotated.remaining(db, 'jane'), 9)
  },
)

testOnBoth(
  'no backup code is in the database, and two people with one code would not show',
  async (_t, db) => {
    const { method, codes } = await withCodes(db)
    await method.store(db, 'john', codes)
    const rows = await db.query<{ macs: Buffer[] }>('test.macs', 'select macs from backup_codes')
    const macs = rows.flatMap((row) => row.macs)
    assert.equal(new Set(macs.map((mac) => mac.toString('hex'))).size, 20)
    for (const mac of macs) {
      for (const code of codes)
        assert.ok(!mac.includes(code) && !mac.includes(readCode(code.replaceAll('-', ''))!))
    }
  },
)

test('backup codes are 16 characters that nobody mistakes for each other, all equally likely', () => {
  const counts = new Map<string, number>()
  for (let made = 0; made < 2000; made++) {
    const code = randomCode()
    assert.match(code, /^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/)
    for (const each of code.replaceAll('-', '')) counts.set(each, (counts.get(each) ?? 0) + 1)
  }
  assert.equal(counts.size, 32)
  // 32,000 characters: 1,000 of each, with a standard deviation of 31.
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 190, String(count))
})

test('whatever is typed is read as a code or as none', () => {
  fc.assert(
    fc.property(anyText(40), (typed) => {
      assert.match(readCode(typed) ?? '0'.repeat(16), /^[0-9A-HJKMNP-TV-Z]{16}$/)
    }),
  )
})

const words: Record<string, string> = {
  title: 'Backup codes',
  application: 'For',
  account: 'Account',
  created: 'Made on',
  advice: 'Each works once.',
}

test('the file to keep says whose codes these are, and no name can add a line to it', () => {
  const text = backupCodesText({
    t: (key) => words[key.replace('backup_file.', '')]!,
    application: 'Shop\r\nAAAA-AAAA-AAAA-AAAA',
    account: 'jane@shop.example',
    createdAt: at,
    codes: ['7ZQ4-0K2M-X9TD-HB3C', 'AAAA-BBBB-CCCC-DDDD'],
  })
  assert.equal(
    text,
    [
      'Backup codes',
      '',
      'For: Shop AAAA-AAAA-AAAA-AAAA',
      'Account: jane@shop.example',
      'Made on: 2026-11-20',
      '',
      '7ZQ4-0K2M-X9TD-HB3C',
      'AAAA-BBBB-CCCC-DDDD',
      '',
      'Each works once.',
      '',
    ].join('\n'),
  )
})
