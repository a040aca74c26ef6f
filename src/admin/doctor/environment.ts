import type { Env } from '#config/env.ts'
import { type Finding, findingOf } from './contract.ts'

const environment = findingOf('environment')

/** What a process that has begun can still say of how it was begun: faults would have kept it from it. */
export const environmentFindings = (
  env: Pick<Env, 'production' | 'BASE_URL' | 'TRUST_PROXY'>,
  testIdentifiers: number,
): Finding[] => {
  if (!env.production) return [environment('ok', 'evaluation', { url: env.BASE_URL })]
  return [
    environment('ok', 'production', { url: env.BASE_URL }),
    ...(env.TRUST_PROXY.length > 0 ? [] : [environment('advice', 'no-proxy')]),
    ...(testIdentifiers > 0
      ? [environment('advice', 'test-identifiers', { count: testIdentifiers })]
      : []),
  ]
}

/** A start that was refused, a finding for each line. */
export const invalidEnvironment = (faults: readonly string[]): Finding[] =>
  faults.map((fault) => environment('fault', 'invalid', { fault }))
