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
  /** What applications let the person do, by names that mean something to them alone. */
  roles: readonly string[]
  /** Whatever else applications want to know. */
  customData: Readonly<Record<string, unknown>>
  createdAt: Date
  updatedAt: Date
}
