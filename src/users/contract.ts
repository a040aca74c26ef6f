export type IdentifierType = 'email' | 'phone' | 'username'

/** Canonical, as it is compared and stored; `display` is as it was typed, for messages and pages. */
export interface Identifier {
  type: IdentifierType
  value: string
  display: string
}

export interface User {
  id: string
  name: string | null
  locale: string | null
  blocked: boolean
  createdAt: Date
  updatedAt: Date
}
