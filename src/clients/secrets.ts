import { sameBytes, sha256 } from '#src/lib/crypto.ts'

const scheme = 'sha256:'

/**
 * What is kept of a client secret. A plain hash is enough for what nobody chose: secrets are long
 * and random, which is checked where they are set.
 */
export const hashSecret = (secret: string): string => scheme + sha256(secret).toString('base64url')

/** Whether a secret is one of the live ones, in a time that does not tell which or how nearly. */
export const checkSecret = (hashes: readonly string[], secret: string): boolean => {
  const given = sha256(secret)
  return hashes
    .filter((hash) => hash.startsWith(scheme))
    .map((hash) => sameBytes(Buffer.from(hash.slice(scheme.length), 'base64url'), given))
    .includes(true)
}
