/** `fault`: it does not work, or is not safe. `advice`: better otherwise. `skipped`: not looked at. */
export const findingStates = ['ok', 'advice', 'fault', 'skipped'] as const
export type FindingState = (typeof findingStates)[number]

/** What was looked at, in this order. */
export const checks = [
  'environment',
  'database',
  'schema',
  'clock',
  'secrets',
  'data',
  'files',
  'issuer',
  'keys',
  'channel',
  'connector',
  'templates',
  'mail',
  'client',
  'owner',
] as const
export type Check = (typeof checks)[number]

/** One thing that was looked at; `admin-doctor.json` has the words for its code. */
export interface Finding {
  check: Check
  state: FindingState
  /** Stable: the check and what is the case, as in `database.old`. */
  code: `${Check}.${string}`
  /** What the words mention; nothing secret. */
  values: Readonly<Record<string, string | number>>
  /** What somebody else says of it, such as a vendor: it goes before our own words for mending. */
  hint: string | null
}

/** A finding in words. */
export interface Told extends Finding {
  title: string
  says: string
  /** The sentence that mends it; null where nothing is to be done. */
  mend: string | null
}

/** Returns a function that makes findings of one check. */
export const findingOf =
  (check: Check) =>
  (
    state: FindingState,
    what: string,
    values: Finding['values'] = {},
    hint: string | null = null,
  ): Finding => ({ check, state, code: `${check}.${what}`, values, hint })
