import type { PasskeyOwner } from '#src/verification/index.ts'
import type { Own } from '../own.ts'

/** Whom a passkey is made for, by the names that authenticators show in their lists. */
export const ownerOf = ({ id, name, identifiers }: Own): PasskeyOwner => {
  const known = identifiers.find(({ verified }) => verified)?.display ?? name ?? id
  return { id, name: known, displayName: name ?? known }
}
