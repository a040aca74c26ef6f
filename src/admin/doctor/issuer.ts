import { type Finding, findingOf } from './contract.ts'

const issuer = findingOf('issuer')
const patienceMs = 5000

export type Ask = (url: string, options: RequestInit) => Promise<Response>

/**
 * Whether discovery answers at the public address, as a relying party would ask for it.
 *
 * @param from a server may be unable to reach its own public address, which hurts nobody
 */
export const issuerFinding = async (
  baseUrl: string,
  from: 'server' | 'operator',
  ask: Ask = fetch,
): Promise<Finding> => {
  const expected = `${baseUrl}/oidc`
  const url = `${expected}/.well-known/openid-configuration`
  try {
    const signal = AbortSignal.timeout(patienceMs)
    const answer = await ask(url, { redirect: 'manual', signal })
    if (!answer.ok) return issuer('fault', 'status', { url, status: answer.status })
    const found = ((await answer.json().catch(() => null)) as { issuer?: unknown } | null)?.issuer
    if (found === expected) return issuer('ok', 'answers', { issuer: expected })
    const other = typeof found === 'string' ? found.slice(0, 200) : '-'
    return issuer('fault', 'other', { issuer: expected, other })
  } catch (error) {
    const values = { url, reason: reasonOf(error) }
    return from === 'server'
      ? issuer('advice', 'not-from-here', values)
      : issuer('fault', 'unreachable', values)
  }
}

const reasonOf = (error: unknown): string => {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return 'timeout'
  return (cause as { code?: string } | undefined)?.code ?? message
}
