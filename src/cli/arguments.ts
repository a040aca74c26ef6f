import { InvalidArgumentError } from 'commander'

/** A whole number from an argument. */
export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (number >= least && number <= most) return number
    throw new InvalidArgumentError(`It has to be a whole number from ${least} to ${most}.`)
  }

/** ISO 8601, or anything else that names one instant. */
export const instant = (text: string): Date => {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  throw new InvalidArgumentError('It has to be a time like 2027-01-31T12:00:00Z.')
}
