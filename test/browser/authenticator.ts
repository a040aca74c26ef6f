/** An authenticator app, written from RFC 6238 and not from our own code. */
import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const stepMs = 30_000

const bytesOf = (base32: string): Buffer => {
  const bits = [...base32.replace(/[\s=]/g, '').toUpperCase()]
    .map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'))
    .join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

/**
 * @param key Base32, with or without spaces
 * @param ahead steps of 30 s from now: 1 is the code that comes next
 */
export const totpCode = (key: string, ahead = 0): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / stepMs) + ahead))
  const digest = createHmac('sha1', bytesOf(key)).update(counter).digest()
  const offset = digest.at(-1)! & 15
  const number = digest.readUInt32BE(offset) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}

/** The code before the present one, which leaves the present one to be used: never one that is about to end. */
export const codeBefore = async (key: string): Promise<string> => {
  const left = stepMs - (Date.now() % stepMs)
  if (left < 5000) await sleep(left + 20)
  return totpCode(key, -1)
}
