import assert from 'node:assert/strict'
import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ops, program } from '../admin/api.ts'
import { answerCode, givePassword } from './people.ts'
import { assertOn, assertSignedIn, openSite } from './site.ts'

const manager = program('ops')
const site = await openSite(
  { after },
  { sign_in_experience: { identifiers: ['email'], methods: ['password', 'email-code'] } },
  [{ clientId: 'ops', clientSecret: manager.client_secret, registration: manager }],
)
const api = await ops(site.server)

const password = 'moved here from elsewhere'
const salt = Buffer.from('a salt of its own')
const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
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
const bcrypt = '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'

interface Moved {
  format: string
  email: string
  file: string
  password?: string
}

const keycloak = (email: string, secretData: object, credentialData: object) => ({
  id: email,
  email,
  emailVerified: true,
  credentials: [
    {
      type: 'password',
      secretData: JSON.stringify(secretData),
      credentialData: JSON.stringify(credentialData),
    },
  ],
})
const b64Salt = salt.toString('base64')

/** A person of each product, with the kinds of hashes that it has. */
const moved: Record<string, Moved> = {
  'CSV, bcrypt': {
    format: 'csv',
    email: 'csv@example.com',
    file: `email,email_verified,password_hash\ncsv@example.com,true,${bcrypt}\n`,
    password: 'U*U',
  },
  'Auth0, bcrypt': {
    format: 'auth0',
    email: 'auth0@example.com',
    file: JSON.stringify({
      _id: { $oid: '60425da93519d90068f82966' },
      email: 'auth0@example.com',
      email_verified: true,
      passwordHash: bcrypt,
    }),
    password: 'U*U',
  },
  'Auth0, scrypt of a bulk import': {
    format: 'auth0',
    email: 'bulk@example.com',
    file: JSON.stringify([
      {
        email: 'bulk@example.com',
        email_verified: true,
        custom_password_hash: {
          algorithm: 'scrypt',
          hash: {
            value: scryptSync(password, salt, 64, { N: 1024, r: 8, p: 5 }).toString('hex'),
            encoding: 'hex',
          },
          salt: { value: b64Salt, encoding: 'base64' },
          keylen: 64,
          cost: 1024,
          blockSize: 8,
          parallelization: 5,
        },
      },
    ]),
  },
  'Firebase, its own scrypt': {
    format: 'firebase',
    email: 'firebase@example.com',
    file: JSON.stringify({
      hash_config: {
        base64_signer_key:
          'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==',
        base64_salt_separator: 'Bw==',
        rounds: 8,
        mem_cost: 14,
      },
      users: [
        {
          localId: 'firebase-1',
          email: 'firebase@example.com',
          emailVerified: true,
          passwordHash:
            'lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==',
          salt: '42xEC-ixf3L2lw==',
        },
      ],
    }),
    password: 'user1password',
  },
  'Logto, argon2i': {
    format: 'logto',
    email: 'logto@example.com',
    file: JSON.stringify([
      {
        id: 'logto-1',
        primaryEmail: 'logto@example.com',
        passwordEncrypted: `$argon2i$v=19$m=512,t=256,p=1$${bare(salt)}$${bare(argon2('argon2i', 512, 256))}`,
        passwordEncryptionMethod: 'Argon2i',
      },
    ]),
  },
  'Keycloak, PBKDF2 and argon2': {
    format: 'keycloak',
    email: 'keycloak@example.com',
    file: JSON.stringify({
      realm: 'staff',
      users: [
        keycloak(
          'keycloak@example.com',
          { value: pbkdf2('sha512', 1000, 64).toString('base64'), salt: b64Salt },
          { algorithm: 'pbkdf2-sha512', hashIterations: 1000 },
        ),
        keycloak(
          'argo@example.com',
          { value: argon2('argon2id', 7168, 5).toString('base64'), salt: b64Salt },
          {
            algorithm: 'argon2',
            hashIterations: 5,
            additionalParameters: {
              type: ['id'],
              version: ['1.3'],
              memory: ['7168'],
              parallelism: ['1'],
            },
          },
        ),
      ],
    }),
  },
}

const importFile = async ({ format, file }: Moved): Promise<void> => {
  const type = { 'content-type': format === 'csv' ? 'text/csv' : 'application/json' }
  const begun = await api.call('POST', `/users/import?format=${format}`, file, type)
  assert.equal(begun.status, 202, JSON.stringify(begun.body))
  for (;;) {
    const { body } = await api.call('GET', `/works/${begun.body.id}`)
    if (body.state === 'done') return assert.equal(body.refused, 0, format)
    assert.ok(['waiting', 'running'].includes(body.state), JSON.stringify(body))
    await sleep(50)
  }
}

const hashOf = async (email: string): Promise<string> => {
  const [row] = await site.sql<{ hash: string }>(
    `select hash from passwords join identifiers using (user_id) where value = $1`,
    [email],
  )
  return row!.hash
}

const signIn = async (email: string, secret: string): Promise<void> => {
  const arrival = await site.arrive()
  const before = new Date()
  assertOn(await givePassword(arrival.person, email, secret), 'Check your email')
  await answerCode(site, arrival.person, email, before)
  await assertSignedIn(arrival, { amr: ['email', 'otp', 'pwd'], acr: 'aal1' })
}

for (const [name, person] of Object.entries(moved)) {
  test(`whoever comes along signs in with the same password, which is then hashed as all are here (${name})`, async () => {
    await importFile(person)
    const emails = [person.email, ...(person.format === 'keycloak' ? ['argo@example.com'] : [])]
    for (const email of emails) {
      assert.match(await hashOf(email), /^unpeppered\$/)
      await signIn(email, person.password ?? password)
      const own = await hashOf(email)
      assert.match(own, /^\$argon2id\$v=19\$m=19456,t=2,p=1,keyid=/)
      await signIn(email, person.password ?? password)
      assert.equal(await hashOf(email), own)
    }
  })
}
