import assert from 'node:assert/strict'
import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto'
import { test } from 'node:test'
import type { Db } from '#src/db/contract.ts'
import { keyring } from '#src/lib/crypto.ts'
import type { Who } from '#src/verification/contract.ts'
import { passwordMethod } from '#src/verification/password/index.ts'
import { testOnBoth } from '../support/database.ts'

const password = 'correct horse battery'
const salt = Buffer.from('a salt of its own')
const b64 = (bytes: Buffer) => bytes.toString('base64')
const bare = (bytes: Buffer) => b64(bytes).replace(/=+$/, '')

const argon2 = (variant: 'argon2i' | 'argon2id', memory: number, passes: number) =>
  argon2Sync(variant, {
    message: password,
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory,
    passes,
  })
const pbkdf2 = (digest: string, iterations: number, length: number) =>
  pbkdf2Sync(password, salt, iterations, length, digest)
const stretched = scryptSync(password, salt, 64, { N: 1024, r: 8, p: 5 })

/** As they leave other products. */
const kinds: Record<string, [hash: string, password: string]> = {
  'bcrypt 2a': ['$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  'bcrypt 2y': ['$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  'bcrypt 2b of Django': [
    'bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    'U*U',
  ],
  argon2id: [
    `$argon2id$v=19$m=4096,t=3,p=1$${bare(salt)}$${bare(argon2('argon2id', 4096, 3))}`,
    password,
  ],
  'argon2i of Logto': [
    `$argon2i$v=19$m=512,t=256,p=1$${bare(salt)}$${bare(argon2('argon2i', 512, 256))}`,
    password,
  ],
  'argon2id of Django': [
    `argon2$argon2id$v=19$m=4096,t=3,p=1$${bare(salt)}$${bare(argon2('argon2id', 4096, 3))}`,
    password,
  ],
  'scrypt of RFC 7914': [
    `$scrypt$ln=14,r=8,p=1$${bare(Buffer.from('SodiumChloride'))}$${bare(
      Buffer.from(
        '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
          'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
        'hex',
      ),
    )}`,
    'pleaseletmein',
  ],
  'scrypt of Django': [`scrypt$${salt}$1024$8$5$${b64(stretched)}`, password],
  'scrypt of Werkzeug': [`scrypt:1024:8:5$${salt}$${stretched.toString('hex')}`, password],
  'scrypt of Firebase': [
    '$firebase-scrypt$ln=14,r=8,' +
      'k=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,' +
      's=Bw==$42xEC+ixf3L2lw==$' +
      'lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
    'user1password',
  ],
  'PBKDF2-SHA-1 of RFC 6070': [
    `$pbkdf2$i=4096$${bare(Buffer.from('salt'))}$${bare(
      Buffer.from('4b007901b765489abead49d926f721d065a429c1', 'hex'),
    )}`,
    'password',
  ],
  'PBKDF2-SHA-512 of Auth0': [
    `$pbkdf2-sha512$i=1000,l=64$${bare(salt)}$${bare(pbkdf2('sha512', 1000, 64))}`,
    password,
  ],
  'PBKDF2-SHA-256 of passlib': [
    `$pbkdf2-sha256$1000$${bare(salt).replaceAll('+', '.')}$${bare(pbkdf2('sha256', 1000, 32)).replaceAll('+', '.')}`,
    password,
  ],
  'PBKDF2-SHA-256 of Django': [
    `pbkdf2_sha256$1000$${salt}$${b64(pbkdf2('sha256', 1000, 32))}`,
    password,
  ],
  'PBKDF2-SHA-1 of Keycloak, of four blocks': [
    `$pbkdf2-sha1$i=1000$${bare(salt)}$${bare(pbkdf2('sha1', 1000, 64))}`,
    password,
  ],
  'PBKDF2-SHA-256 of Werkzeug': [
    `pbkdf2:sha256:1000$${salt}$${pbkdf2('sha256', 1000, 32).toString('hex')}`,
    password,
  ],
}

const who: Who = {
  interactionUid: 'i1',
  clientId: 'shop',
  applicationName: 'Shop',
  browser: 'b1',
  identifier: null,
  userId: 'jane',
  usageType: 'SignIn',
  locale: 'en',
  decoy: false,
}

const methodOf = (db: Db, secrets = ['a secret']) =>
  passwordMethod({
    db,
    pepper: keyring(secrets, 'passwords'),
    common: new Set(),
    findUserId: async () => null,
    now: () => new Date(),
    cost: { memoryKib: 64, passes: 1, lanes: 1 },
  })

const importJane = async (db: Db, text: string) => {
  const adopted = methodOf(db).adopt(text)
  assert.ok('hash' in adopted, JSON.stringify(adopted))
  await db.query('test.noPasswords', 'delete from passwords')
  await methodOf(db).storeAll(db, [{ userId: 'jane', hash: adopted.hash }])
}

const stored = async (db: Db): Promise<string> =>
  (await db.query<{ hash: string }>('test.hash', 'select hash from passwords'))[0]!.hash

testOnBoth(
  'a password that was hashed elsewhere signs its owner in, and is then hashed as all are here',
  async (_t, db) => {
    await db.query('test.user', 'insert into users (id) values ($1)', ['jane'])
    for (const [kind, [hash, right]] of Object.entries(kinds)) {
      await importJane(db, hash)
      const before = await stored(db)
      for (const wrong of [`${right}!`, '\0', 'ü'.repeat(100), '\u{1F511}']) {
        await assert.rejects(methodOf(db).verify(who, wrong), { code: 'incorrect_password' }, kind)
      }
      assert.equal(await stored(db), before, `${kind}: a wrong password changes nothing`)
      const { userId } = await methodOf(db).verify(who, right)
      assert.equal(userId, 'jane')
      assert.match(await stored(db), /^\$argon2id\$v=19\$m=64,t=1,p=1,keyid=/, kind)
      await methodOf(db).verify(who, right)
    }
  },
)

testOnBoth(
  'a copy of the database has no hash of elsewhere to guess against, and no key of Firebase',
  async (_t, db) => {
    await db.query('test.user', 'insert into users (id) values ($1)', ['jane'])
    for (const [text] of Object.values(kinds)) {
      await importJane(db, text)
      const row = await stored(db)
      for (const part of text.split(/[$,:=]/).filter((each) => each.length > 15)) {
        assert.ok(!row.includes(part))
      }
      await assert.rejects(
        methodOf(db, ['another secret']).verify(who, kinds['bcrypt 2a']![1]),
        { code: 'incorrect_password' },
        'without the secret it opens nothing',
      )
      const shown = await methodOf(db).reveal(db, ['jane', 'nobody'])
      assert.ok('hash' in methodOf(db).adopt(shown.get('jane')!), 'it can be taken elsewhere')
    }
  },
)

testOnBoth('an import never replaces a password that is there', async (_t, db) => {
  await db.query('test.user', 'insert into users (id) values ($1)', ['jane'])
  const own = await methodOf(db).prepare('a password of her own')
  await methodOf(db).store(db, 'jane', own)
  await methodOf(db).storeAll(db, [{ userId: 'jane', hash: 'another' }])
  assert.equal(await stored(db), own)
  assert.deepEqual(methodOf(db).adopt(own), { hash: own }, 'one of ours comes back as it is')
  assert.ok('fault' in methodOf(db, ['another secret']).adopt(own))
})

test('what would make one sign-in take seconds or gigabytes is refused with words', () => {
  const tag = bare(Buffer.alloc(32, 1))
  const own = bare(salt)
  const refused: [string, RegExp][] = [
    ['$2b$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', /cost of 14 takes too long/],
    ['$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', /takes too long/],
    [`$argon2id$v=19$m=4194304,t=1,p=1$${own}$${tag}`, /costs too much/],
    [`$argon2id$v=19$m=65536,t=1000,p=1$${own}$${tag}`, /costs too much/],
    [`$argon2id$v=19$m=64,t=999999,p=1$${own}$${tag}`, /costs too much/],
    [`$argon2id$v=19$m=64,t=1,p=100$${own}$${tag}`, /costs too much/],
    [`$argon2id$v=19$m=64,t=0,p=1$${own}$${tag}`, /costs too much/],
    [`$argon2id$v=19$m=64,t=1,p=1$AAAA$${tag}`, /damaged/],
    [`$argon2id$v=19$m=64,t=1,p=1$${own}$AAAA`, /damaged/],
    [`$scrypt$ln=20,r=8,p=1$${own}$${tag}`, /costs too much/],
    [`$scrypt$ln=15,r=64,p=16$${own}$${tag}`, /costs too much/],
    [`scrypt$salt$1000$8$1$${tag}`, /costs too much/],
    [`$firebase-scrypt$ln=15,r=64,k=${tag},s=Bw$${own}$${tag}`, /costs too much/],
    [`$firebase-scrypt$ln=14,r=8,k=AAAA,s=Bw$${own}$${tag}`, /damaged/],
    [`$pbkdf2-sha256$i=100000000$${own}$${tag}`, /takes too long/],
    [`$pbkdf2-sha1$i=1000000$${own}$${bare(Buffer.alloc(64))}`, /takes too long/],
    [`$pbkdf2-sha256$i=0$${own}$${tag}`, /takes too long/],
    [`$pbkdf2-sha256$i=1000$${own}$`, /damaged/],
    ['5f4dcc3b5aa765d61d8327deb882cf99', /not known/],
    ['{SSHA}whatever', /not known/],
    ['', /not known/],
    ['$'.repeat(3000), /not known/],
    [`pbkdf2_sha256$1$${'x'.repeat(2000)}$${tag}`, /damaged|not known/],
  ]
  const { adopt } = methodOf(null as unknown as Db)
  for (const [text, words] of refused) {
    const adopted = adopt(text)
    assert.match('fault' in adopted ? adopted.fault : `taken: ${text}`, words)
  }
})
