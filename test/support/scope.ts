/** What a helper cleans up after: a test's context, or `{ after }` of `node:test` for a whole file. */
export interface Scope {
  after(clean: () => Promise<void> | void): void
}
