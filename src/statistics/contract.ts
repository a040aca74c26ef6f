/** What a metric may be counted by; what it is not counted by is the empty text. */
export interface Dimensions {
  clientId: string
  channel: string
  method: string
  connector: string
  country: string
  reason: string
}

/** So many of something within an hour, which begins at `at`. */
export interface Counter extends Dimensions {
  metric: string
  at: Date
  count: number
}

/** Stages of a sign-in, in their order; each is a bit of what a sign-in has reached. */
export const stages = [
  'started',
  'sent',
  'accepted',
  'delivered',
  'verified',
  'completed',
  'issued',
] as const
export type Stage = (typeof stages)[number]

/** How far a sign-in has come over one channel; `all`: over any, or without one. */
export interface Progress {
  interactionUid: string
  channel: string
  clientId: string
  /** When it began: all of its stages count there. */
  at: Date
  /** One bit for each of {@link stages}. */
  reached: number
}

/** Which reports are asked for. Instants are rounded down to whole hours, or whole days (UTC). */
export interface Period {
  since: Date
  until: Date
}
