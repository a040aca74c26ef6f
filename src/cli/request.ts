import { CommandFailure } from './failure.ts'

const patienceMs = 30_000

/**
 * Asks a server, once, and follows it nowhere else.
 *
 * @throws CommandFailure when nobody answers
 */
export const request = async (
  url: string,
  options: RequestInit & { duplex?: 'half' } = {},
  withinMs = patienceMs,
): Promise<Response> => {
  try {
    return await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
      ...options,
    })
  } catch (error) {
    const { origin } = new URL(url)
    throw new CommandFailure(`Nobody answers at ${origin} (${reasonOf(error)}). ${advice(origin)}`)
  }
}

const advice = (origin: string): string =>
  /^https?:\/\/(localhost|127\.|\[::1\])/.test(origin)
    ? 'Start the server with `npm start`, or say where it is with --url.'
    : 'Check the address, the network and the certificate.'

/** What `fetch` hides behind "fetch failed". */
const reasonOf = (error: unknown): string => {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return 'no answer in time'
  const { code, message: why } = (cause ?? {}) as { code?: string; message?: string }
  return code ?? why ?? message
}
