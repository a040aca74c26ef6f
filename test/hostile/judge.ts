/** What holds for every answer, whatever was asked. */
import type { Visit } from '../support/http.ts'

export interface Answer {
  status: number
  headers: Headers
  body: string
  /** Where the browser was sent; null if nowhere, or on within the server. */
  left: string | null
  ms: number
}

export interface Asked {
  /** Such as `authorize state`. */
  where: string
  value: string
  answer: Answer
}

const patienceMs = 10_000
/** Anything shorter may stand on a page by chance. */
const telling = 5

export const timed = async (ask: () => Promise<Omit<Answer, 'ms'>>): Promise<Answer> => {
  const began = performance.now()
  const answer = await ask()
  return { ...answer, ms: performance.now() - began }
}

export const ofVisit = ({ status, headers, html, left }: Visit): Omit<Answer, 'ms'> => ({
  status,
  headers,
  body: html,
  left,
})

export const ofResponse = async (
  response: Response,
  origin: string,
): Promise<Omit<Answer, 'ms'>> => {
  const location = response.headers.get('location')
  const target = location === null ? null : new URL(location, origin)
  return {
    status: response.status,
    headers: response.headers,
    body: await response.text(),
    left: target && target.origin !== origin ? target.href : null,
  }
}

const innards =
  /\bat (?:[\w.<> ]+ \()?(?:file:\/\/|node:)|node_modules|syntax error at|\bpg_|ECONNREFUSED/i

/** In a random code any few letters may stand. */
const withoutCodes = (body: string): string => body.replaceAll(/[\w-]{43,}/g, '')

const faults: Record<string, (asked: Asked) => boolean> = {
  'it failed': ({ answer: { status } }) => status < 200 || status >= 500,
  'it took too long': ({ answer: { ms } }) => ms > patienceMs,
  'a header was injected': ({ answer: { headers } }) =>
    headers.has('x-injected') || headers.getSetCookie().some((line) => /^injected=/i.test(line)),
  'markup came back': ({ value, answer: { headers, body } }) =>
    headers.get('content-type')?.startsWith('text/html') === true &&
    value.length >= telling &&
    /[<>"&]/.test(value) &&
    body.includes(value),
  'a link runs a script': ({ answer: { body } }) =>
    /(?:href|src|action|formaction)\s*=\s*["']?\s*(?:javascript|vbscript|data:text)/i.test(body),
  'a link of ours leads elsewhere': ({ answer: { body } }) =>
    /(?:href|src|action)\s*=\s*["']?[/\\]{2}/i.test(body),
  'it tells how it is built': ({ value, answer: { body } }) =>
    innards.test(withoutCodes(body)) && !innards.test(value),
}

/** @param mayGo places outside to which a browser may be sent */
export const judge = (asked: Asked, mayGo: (url: string) => boolean): string[] => {
  const found = Object.entries(faults)
    .filter(([, isSo]) => isSo(asked))
    .map(([name]) => name)
  const { left } = asked.answer
  if (left !== null && !mayGo(left)) found.push(`the browser was sent to ${left.slice(0, 200)}`)
  const { where, value, answer } = asked
  const shown = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  return found.map((fault) => `${where} ${shown} (${answer.status}): ${fault}`)
}

/** Runs `work` for all of them, some at a time, in order. */
export const pooled = async <T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<void>,
): Promise<void> => {
  const queue = [...all]
  const worker = async () => {
    for (let one = queue.shift(); one !== undefined; one = queue.shift()) await work(one)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
