import { Problem } from '#src/lib/problem.ts'
import type { Challenge } from './repository.ts'

/** Why a code is not taken. */
export const refusal = (challenge: Challenge | null): Problem => {
  const field = 'code'
  if (!challenge || challenge.state === 'used' || challenge.state === 'replaced') {
    return new Problem('code_spent', { field })
  }
  if (challenge.state === 'expired') return new Problem('code_expired', { field })
  if (challenge.state === 'exhausted') return new Problem('too_many_tries', { field })
  return new Problem('incorrect_code', { field, values: { tries: challenge.triesLeft } })
}
