import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { type Db, exclusively } from '#src/db/index.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { keyRepository } from './key-repository.ts'

/** RS256 is what most libraries assume; ES256 signs access tokens, and ID tokens on request. */
const algorithms = ['RS256', 'ES256'] as const

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
      const plain = keys.open(row.private_jwk, context(row.kid))
      const renewed = keys.seal(plain, context(row.kid))
      const sameKey = renewed.subarray(0, 4).equals(row.private_jwk.subarray(0, 4))
      if (!sameKey) await repository.reseal(row.kid, renewed)
      present.push(JSON.parse(plain))
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
