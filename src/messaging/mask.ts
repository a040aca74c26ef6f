import type { Channel } from '#connectors/contract.ts'

/** Enough of a recipient for its owner to recognise it: `+41•••67`, `a•••@example.com`. */
export const mask = (channel: Channel, to: string): string => {
  if (channel === 'sms') return `${to.slice(0, 3)}•••${to.slice(-2)}`
  return `${to.slice(0, 1)}•••${to.slice(to.lastIndexOf('@'))}`
}

const longestWords = 300
const address = /[^\s<>"'(),;:]{1,64}@[^\s<>"'(),;:]{1,255}/g
// Seven digits however they are grouped, so that `550 5.1.1` stays; six in a row may be a code.
const number = /\+?\d(?:[\s().-]{0,3}\d){6,}|\d{6,}/g
const url = /\bhttps?:\/\/\S+/gi

/**
 * What a vendor said, fit to be kept: vendors like to repeat the recipient, and some the message.
 */
export const maskWords = (words: string): string =>
  words
    .slice(0, 2000)
    .replace(url, '•••')
    .replace(address, '•••')
    .replace(number, '•••')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, longestWords)
