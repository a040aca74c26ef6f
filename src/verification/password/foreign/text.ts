import type { ArgonVariant, Digest, Foreign } from './contract.ts'

/**
 * Reads a password hash in one of the forms in which it leaves other products; null for anything
 * else. Nothing is said about what it costs.
 *
 *   bcrypt    `$2b$10$…`, also `$2a$` and `$2y$`; Django's `bcrypt$$2b$…`
 *   argon2    `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, also `argon2i` and `argon2d`; Django's
 *   scrypt    `$scrypt$ln=…,r=…,p=…$salt$hash`; Django's `scrypt$…`, Werkzeug's `scrypt:…`
 *   Firebase  `$firebase-scrypt$ln=…,r=…,k=…,s=…$salt$hash`, a form of our own
 *   PBKDF2    `$pbkdf2-sha256$i=…$salt$hash`, passlib's without `i=`, Django's `pbkdf2_sha256$…`,
 *             Werkzeug's `pbkdf2:sha256:…`
 */
export const readForeign = (text: string): Foreign | null => {
  if (text.length > longest) return null
  for (const [shape, read] of forms) {
    const match = shape.exec(text)
    if (match?.groups) return read(match.groups as Groups)
  }
  return null
}

/** The form that all of a kind are kept in; {@link readForeign} reads it. */
export const writeForeign = (foreign: Foreign): string => {
  switch (foreign.kind) {
    case 'bcrypt':
      return foreign.text
    case 'argon2': {
      const { variant, version, memoryKib, passes, lanes } = foreign
      return phc(`argon2${variant}$v=${version}$m=${memoryKib},t=${passes},p=${lanes}`, foreign)
    }
    case 'scrypt':
      return phc(`scrypt$${writeCost(foreign.cost)}`, foreign)
    case 'firebase-scrypt': {
      const { cost, signerKey, separator } = foreign
      const { logN, blockSize } = cost
      const keys = `k=${base64(signerKey)},s=${base64(separator)}`
      return phc(`firebase-scrypt$ln=${logN},r=${blockSize},${keys}`, foreign)
    }
    case 'pbkdf2':
      return phc(`pbkdf2-${foreign.digest}$i=${foreign.iterations}`, foreign)
  }
}

const longest = 2048

type Groups = Record<string, string>

const bytes = (text = ''): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64')
const base64 = (value: Buffer): string => value.toString('base64').replace(/=+$/, '')
const phc = (head: string, { salt, tag }: { salt: Buffer; tag: Buffer }) =>
  `$${head}$${base64(salt)}$${base64(tag)}`
const writeCost = ({
  logN,
  blockSize,
  lanes,
}: {
  logN: number
  blockSize: number
  lanes: number
}) => `ln=${logN},r=${blockSize},p=${lanes}`

const b64 = '[\\w+/.-]*=*'
const end = `\\$(?<salt>${b64})\\$(?<hash>${b64})$`
/** Salt as it is, hash in base64. */
const django = `\\$(?<salt>[^$]*)\\$(?<hash>${b64})$`
/** Salt as it is, hash in hex. */
const werkzeug = '\\$(?<salt>[^$]*)\\$(?<hash>(?:[\\da-f]{2})*)$'

const ends = ({ salt, hash }: Groups) => ({ salt: bytes(salt), tag: bytes(hash) })
const plainSalt = ({ salt, hash }: Groups, encoding: 'base64' | 'hex') => ({
  salt: Buffer.from(salt!),
  tag: encoding === 'hex' ? Buffer.from(hash!, 'hex') : bytes(hash),
})
const digest = (name: string | undefined): Digest => (name ?? 'sha1') as Digest

/** N in full; what is no power of two is no cost either, and is refused as one. */
const costOf = ({ n, r, p }: Groups) => ({
  logN: Math.log2(Number(n)),
  blockSize: Number(r),
  lanes: Number(p),
})

const forms: readonly (readonly [RegExp, (found: Groups) => Foreign])[] = [
  [
    /^(?:bcrypt\$)?(?<text>\$2[aby]\$(?<cost>\d\d)\$[./\dA-Za-z]{53})$/,
    ({ text, cost }) => ({ kind: 'bcrypt', text: text!, cost: Number(cost) }),
  ],
  [
    new RegExp(
      `^(?:argon2)?\\$?argon2(?<variant>id|i|d)\\$(?:v=(?<version>16|19)\\$)?m=(?<m>\\d{1,9}),t=(?<t>\\d{1,6}),p=(?<p>\\d{1,3})${end}`,
    ),
    (found) => ({
      kind: 'argon2',
      variant: found.variant as ArgonVariant,
      version: found.version === '19' ? 19 : 16,
      memoryKib: Number(found.m),
      passes: Number(found.t),
      lanes: Number(found.p),
      ...ends(found),
    }),
  ],
  [
    new RegExp(`^\\$scrypt\\$ln=(?<ln>\\d{1,2}),r=(?<r>\\d{1,3}),p=(?<p>\\d{1,3})${end}`),
    (found) => ({
      kind: 'scrypt',
      cost: { logN: Number(found.ln), blockSize: Number(found.r), lanes: Number(found.p) },
      ...ends(found),
    }),
  ],
  [
    new RegExp(
      `^scrypt\\$(?<salt>[^$]*)\\$(?<n>\\d{1,8})\\$(?<r>\\d{1,3})\\$(?<p>\\d{1,3})\\$(?<hash>${b64})$`,
    ),
    (found) => ({ kind: 'scrypt', cost: costOf(found), ...plainSalt(found, 'base64') }),
  ],
  [
    new RegExp(`^scrypt:(?<n>\\d{1,8}):(?<r>\\d{1,3}):(?<p>\\d{1,3})${werkzeug}`),
    (found) => ({ kind: 'scrypt', cost: costOf(found), ...plainSalt(found, 'hex') }),
  ],
  [
    new RegExp(
      `^\\$firebase-scrypt\\$ln=(?<ln>\\d{1,2}),r=(?<r>\\d{1,3}),k=(?<k>${b64}),s=(?<s>${b64})${end}`,
    ),
    (found) => ({
      kind: 'firebase-scrypt',
      cost: { logN: Number(found.ln), blockSize: Number(found.r), lanes: 1 },
      signerKey: bytes(found.k),
      separator: bytes(found.s),
      ...ends(found),
    }),
  ],
  [
    new RegExp(
      `^\\$pbkdf2(?:-(?<digest>sha1|sha256|sha512))?\\$(?:i=)?(?<i>\\d{1,9})(?:,l=\\d{1,4})?${end}`,
    ),
    (found) => ({
      kind: 'pbkdf2',
      digest: digest(found.digest),
      iterations: Number(found.i),
      ...ends(found),
    }),
  ],
  [
    new RegExp(`^pbkdf2_(?<digest>sha1|sha256|sha512)\\$(?<i>\\d{1,9})${django}`),
    (found) => ({
      kind: 'pbkdf2',
      digest: digest(found.digest),
      iterations: Number(found.i),
      ...plainSalt(found, 'base64'),
    }),
  ],
  [
    new RegExp(`^pbkdf2:(?<digest>sha1|sha256|sha512):(?<i>\\d{1,9})${werkzeug}`),
    (found) => ({
      kind: 'pbkdf2',
      digest: digest(found.digest),
      iterations: Number(found.i),
      ...plainSalt(found, 'hex'),
    }),
  ],
]
