/** Bad input, by the numbers of the categories in which it is commonly listed. */
export interface Category {
  number: number
  name: string
  /** Sent as text: the client encodes it. */
  values: readonly string[]
  /** Sent as it is, percent-encoded already or not: nothing but these bytes. */
  raw?: readonly string[]
}

export const long = (text: string, length: number): string =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length)
