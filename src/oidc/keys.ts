import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { type Db, exclusively } from '#src/db/index.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { Problem } from '#src/lib/problem.ts'
import { keyRepository } from './key-repository.ts'

/** RS256 is what most libraries assume; ES256 signs access tokens, and ID tokens on request. */
export const algorithms = ['RS256', 'ES256'] as const
export type Algorithm = (typeof algorithms)[number]

const context = (kid: string) => `signing_keys/${kid}`

/**
 * The private signing keys of this deployment, made at the first start of its first process and
 * shared by all. They are stored sealed; when `SECRET_KEYS` has got a newer key, they are sealed
 * again under that.
 *
 * @throws Error when a key was sealed under a secret that is no longer in `SECRET_KEYS`
 */
export const signingKeys = (db: Db, keys: Keyring): Promise<JWK[]> =>
  exclusively(db, 'signing_keys', async (tx) => {
    const repository = keyRepository(tx)
    const rows = await repository.list()
    const present: JWK[] = []
    for (const row of rows) {
      const renewed = keys.renew(row.private_jwk, context(row.kid))
      if (renewed) await repository.reseal(row.kid, renewed)
      present.push(JSON.parse(keys.open(row.private_jwk, context(row.kid))))
    }
    for (const alg of algorithms) {
      if (present.some((key) => key.alg === alg)) continue
      const key = await generate(alg)
      await repository.insert(key.kid!, alg, keys.seal(JSON.stringify(key), context(key.kid!)))
      present.push(key)
    }
    return present
  })

const generate = async (alg: string): Promise<JWK> => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) }
}

export interface SigningKey {
  kid: string
  alg: string
  /** `next` is published and does not sign yet, `retiring` does not sign any more. */
  state: 'next' | 'signing' | 'retiring'
  createdAt: Date
  signsFrom: Date
  retiredAt: Date | null
}

/** The published keys, without their private parts. */
export const listKeys = async (db: Db, now = new Date()): Promise<SigningKey[]> => {
  const rows = await keyRepository(db).list()
  return rows.map(({ kid, alg, created_at, signs_from, retired_at }) => {
    const first = rows.find((row) => row.alg === alg && row.signs_from <= now)
    const state = signs_from > now ? 'next' : first?.kid === kid ? 'signing' : 'retiring'
    return { kid, alg, state, createdAt: created_at, signsFrom: signs_from, retiredAt: retired_at }
  })
}

/** Whoever keeps the published keys, keeps them for an hour at most. */
const publishAheadSeconds = 3600
/** As long as the longest access token that it has signed, and a little more. */
const overlapSeconds = 25 * 3600

/**
 * Makes a new key. It is published at once and signs an hour later, when everybody knows it; the old
 * one verifies until what it signed has expired. For a key that somebody else may have, `atOnce`:
 * the new one signs now, and nothing that the old one signed is good any more.
 *
 * @throws Problem `in_progress` while a new key of this algorithm waits for its time
 */
export const rotateKey = async (
  db: Db,
  keys: Keyring,
  alg: Algorithm,
  atOnce: boolean,
): Promise<void> => {
  await exclusively(db, 'signing_keys', async (tx) => {
    const waits = (await listKeys(tx)).some((key) => key.alg === alg && key.state === 'next')
    if (waits && !atOnce) throw new Problem('in_progress')
    const key = await generate(alg)
    const kid = key.kid!
    const ahead = atOnce ? 0 : publishAheadSeconds
    const repository = keyRepository(tx)
    await repository.insert(kid, alg, keys.seal(JSON.stringify(key), context(kid)), ahead)
    await repository.retireOthers(kid, alg, atOnce ? 0 : ahead + overlapSeconds)
  })
}
