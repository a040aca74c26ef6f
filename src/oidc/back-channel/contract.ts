/** `dead`: the client has refused it, or could not be told for most of a day; nobody tries any more. */
export type LogoutState = 'pending' | 'delivered' | 'dead'

/** The news for one client that a session with it has ended. */
export interface LogoutDelivery {
  id: string
  clientId: string
  userId: string
  /** The session as the client knows it, from its ID tokens. */
  sid: string
  state: LogoutState
  attempts: number
  /** When it is tried next; null where it is not. */
  nextAt: Date | null
  /** Of the last try: what was answered, or why nothing was. */
  status: number | null
  error: string | null
  attemptedAt: Date | null
  createdAt: Date
}
