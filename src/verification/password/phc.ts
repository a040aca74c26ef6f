import type { Argon2Cost } from './argon2.ts'

/** One stored password hash, taken apart. */
export interface Phc {
  cost: Argon2Cost
  /** Names the pepper that was used, without telling anything about it. */
  keyId: string
  salt: Buffer
  tag: Buffer
}

const shape =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2}),keyid=([\w+/]+)\$([\w+/]+)\$([\w+/]+)$/

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')

/**
 * `$argon2id$v=19$m=…,t=…,p=…,keyid=…$salt$tag`, the PHC string format.
 *
 * @see https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 */
export const formatPhc = ({ cost, keyId, salt, tag }: Phc): string =>
  `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=${cost.lanes},keyid=${keyId}` +
  `$${base64(salt)}$${base64(tag)}`

/** Null for anything that {@link formatPhc} has not made. */
export function parsePhc(text: string): Phc | null {
  const match = shape.exec(text)
  if (!match) return null
  const [, memory, passes, lanes, keyId, salt, tag] = match
  return {
    cost: { memoryKib: Number(memory), passes: Number(passes), lanes: Number(lanes) },
    keyId: keyId!,
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  }
}
