import { createHmac, timingSafeEqual } from 'node:crypto'

/** What every authenticator app can do; most of them silently ignore other settings. */
export const digits = 6
export const stepSeconds = 30
/** Steps before and after the present one that are accepted (RFC 6238, section 5.2). */
const tolerance = 1

/** Number of the time step that a moment lies in (RFC 6238, section 4.2). */
export const stepAt = (moment: Date): number => Math.floor(moment.getTime() / (stepSeconds * 1000))

/** The code of one step: HOTP with SHA-1 over the number of the step (RFC 4226, section 5.3). */
export function codeOf(secret: Buffer, step: number, length = digits): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = mac.at(-1)! & 0xf
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** length).padStart(length, '0')
}

/**
 * The steps around `moment` whose code this is, oldest first. Almost always none or one; two
 * steps have the same code once in a million.
 *
 * @param code six ASCII digits
 */
export function matchingSteps(secret: Buffer, code: string, moment: Date): number[] {
  const now = stepAt(moment)
  const given = Buffer.from(code)
  const steps = Array.from({ length: 2 * tolerance + 1 }, (_, index) => now - tolerance + index)
  return steps.filter((step) => timingSafeEqual(Buffer.from(codeOf(secret, step)), given))
}
