/**
 * An authenticator in software: makes real attestations and assertions (WebAuthn Level 3), and wrong
 * ones where it is told to.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { CreationOptions, RequestOptions } from '#src/verification/index.ts'

type Cbor = number | string | Buffer | ReadonlyMap<number | string, Cbor>

const head = (major: number, value: number): Buffer => {
  const kind = major << 5
  if (value < 24) return Buffer.from([kind | value])
  if (value < 256) return Buffer.from([kind | 24, value])
  return Buffer.from([kind | 25, value >> 8, value & 255])
}

/** As much of RFC 8949 as authenticators need. */
const cbor = (value: Cbor): Buffer => {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') {
    const text = Buffer.from(value)
    return Buffer.concat([head(3, text.length), text])
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  const pairs = [...value].flatMap(([key, each]) => [cbor(key), cbor(each)])
  return Buffer.concat([head(5, value.size), ...pairs])
}

const flag = { present: 0x01, verified: 0x04, eligible: 0x08, backedUp: 0x10, attested: 0x40 }

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest()
const base64url = (data: Buffer) => data.toString('base64url')

/** What may be different from what is right. */
export interface Wrong {
  origin?: string
  rpId?: string
  type?: string
  challenge?: string
  crossOrigin?: boolean
  topOrigin?: string
  present?: boolean
  verified?: boolean
  eligible?: boolean
  backedUp?: boolean
  counter?: number
  /** Of another person's. */
  userHandle?: string | null
  /** Some other key signs. */
  forged?: boolean
  /** COSE algorithm that the key says it is for. */
  alg?: number
  id?: Buffer
  format?: string
}

export interface SoftKey {
  id: Buffer
  key: KeyObject
  handle: string
  counter: number
}

export interface SoftAuthenticator {
  /** Everything that it holds, the newest last. */
  keys: SoftKey[]
  /** Answers creation options, as the JSON that a page would send. */
  create(options: CreationOptions, wrong?: Wrong): string
  /** Answers request options with the newest key, or `key`. */
  get(options: RequestOptions, wrong?: Wrong, key?: SoftKey): string
}

export interface SoftOptions {
  origin: string
  rpId?: string
  /** Adds one with each use; false: always 0, as password managers do. */
  counts?: boolean
  /** Synced to other devices. */
  synced?: boolean
  aaguid?: string
}

export const softAuthenticator = ({
  origin,
  rpId = new URL(origin).hostname,
  counts = false,
  synced = false,
  aaguid = '00000000-0000-0000-0000-000000000000',
}: SoftOptions): SoftAuthenticator => {
  const keys: SoftKey[] = []

  const clientData = (type: string, challenge: string, wrong: Wrong) =>
    Buffer.from(
      JSON.stringify({
        type: wrong.type ?? type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? origin,
        crossOrigin: wrong.crossOrigin ?? false,
        ...(wrong.topOrigin ? { topOrigin: wrong.topOrigin } : {}),
      }),
    )

  const authenticatorData = (counter: number, wrong: Wrong, attested: Buffer | null) => {
    const flags =
      (wrong.present === false ? 0 : flag.present) |
      (wrong.verified === false ? 0 : flag.verified) |
      ((wrong.eligible ?? synced) ? flag.eligible : 0) |
      ((wrong.backedUp ?? synced) ? flag.backedUp : 0) |
      (attested ? flag.attested : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(wrong.counter ?? counter)
    const parts = [sha256(wrong.rpId ?? rpId), Buffer.from([flags]), count]
    return Buffer.concat(attested ? [...parts, attested] : parts)
  }

  return {
    keys,

    create({ challenge, user }, wrong = {}) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const { x, y } = publicKey.export({ format: 'jwk' })
      const id = wrong.id ?? randomBytes(32)
      const coordinates = [x, y].map((text) => Buffer.from(text!, 'base64url'))
      // kty EC2, alg, crv P-256, x, y (RFC 9053).
      const cose = new Map<number, Cbor>([
        [1, 2],
        [3, wrong.alg ?? -7],
        [-1, 1],
        [-2, coordinates[0]!],
        [-3, coordinates[1]!],
      ])
      const length = Buffer.alloc(2)
      length.writeUInt16BE(id.length)
      const product = Buffer.from(aaguid.replaceAll('-', ''), 'hex')
      const attested = Buffer.concat([product, length, id, cbor(cose)])
      const counter = counts ? 1 : 0
      const object = new Map<string, Cbor>([
        ['fmt', wrong.format ?? 'none'],
        ['attStmt', new Map()],
        ['authData', authenticatorData(counter, wrong, attested)],
      ])
      keys.push({ id, key: privateKey, handle: user.id, counter })
      return JSON.stringify({
        id: base64url(id),
        type: 'public-key',
        response: {
          clientDataJSON: base64url(clientData('webauthn.create', challenge, wrong)),
          attestationObject: base64url(cbor(object)),
          transports: ['internal'],
        },
      })
    },

    get({ challenge }, wrong = {}, key = keys.at(-1)!) {
      if (counts) key.counter += 1
      const data = authenticatorData(key.counter, wrong, null)
      const client = clientData('webauthn.get', challenge, wrong)
      const signer = wrong.forged
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
        : key.key
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), signer)
      return JSON.stringify({
        id: base64url(wrong.id ?? key.id),
        type: 'public-key',
        response: {
          clientDataJSON: base64url(client),
          authenticatorData: base64url(data),
          signature: base64url(signature),
          userHandle: wrong.userHandle === undefined ? key.handle : wrong.userHandle,
        },
      })
    },
  }
}
