import { Resolver } from 'node:dns/promises'
import { type Finding, findingOf } from './contract.ts'

const mail = findingOf('mail')

/** Text records of a name, each as one string. @throws with a `code` as `node:dns` has it */
export type ResolveText = (name: string) => Promise<string[]>

/** Asks the resolver of this machine, which has to be quick about it. */
export const resolveText = (): ResolveText => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  return async (name) => (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
}

/** Selectors that providers of mail use; a domain may have any other. */
const selectors = ['default', 'google', 'selector1', 'selector2', 'k1', 's1', 's2', 'mail', 'dkim']

const absent = new Set(['ENOTFOUND', 'ENODATA'])

/** Null where nobody could be asked. */
const records = async (resolve: ResolveText, name: string): Promise<string[] | null> => {
  try {
    return await resolve(name)
  } catch (error) {
    return absent.has((error as NodeJS.ErrnoException).code ?? '') ? [] : null
  }
}

const parentOf = (domain: string): string | null => {
  const parent = domain.split('.').slice(1).join('.')
  return parent.includes('.') ? parent : null
}

/** Whether others can tell that mail from this domain is its own (RFC 7208, RFC 7489, RFC 6376). */
export const mailFindings = async (domain: string, resolve: ResolveText): Promise<Finding[]> => {
  const spf = await records(resolve, domain)
  if (spf === null) return [mail('skipped', 'offline', { domain })]
  const has = (found: readonly string[] | null, start: RegExp) =>
    found?.some((record) => start.test(record)) ?? false

  const parent = parentOf(domain)
  const policy =
    has(await records(resolve, `_dmarc.${domain}`), /^v=DMARC1\b/i) ||
    (parent !== null && has(await records(resolve, `_dmarc.${parent}`), /^v=DMARC1\b/i))
  const signed = await Promise.all(
    selectors.map((each) => records(resolve, `${each}._domainkey.${domain}`)),
  )
  return [
    has(spf, /^v=spf1\b/i) ? mail('ok', 'spf', { domain }) : mail('advice', 'no-spf', { domain }),
    policy ? mail('ok', 'dmarc', { domain }) : mail('advice', 'no-dmarc', { domain }),
    signed.some((found) => has(found, /(?:^|;\s*)p=/))
      ? mail('ok', 'dkim', { domain })
      : mail('skipped', 'dkim-unknown', { domain }),
  ]
}
