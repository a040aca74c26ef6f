/**
 * The configuration cannot be used. Carries everything that is wrong with it, one line for each
 * fault with its place first, so that an operator corrects all of it at once.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly faults: readonly string[]

  constructor(what: string, faults: readonly string[]) {
    super(`${what}\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.faults = faults
  }
}
