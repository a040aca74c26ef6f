/** A row as the driver returns it: bytea as Buffer, int8 as string, timestamptz as Date. */
export type Row = Record<string, unknown>

/**
 * The database, or one transaction on it. Repositories take a `Db`, so that several of them can
 * share a transaction.
 */
export interface Db {
  /**
   * Runs one named, prepared statement and returns its rows. A name always stands for the same
   * text, such as `challenges.answer`.
   *
   * @throws Problem `unavailable` when the database does not answer in time
   */
  query<R extends object = Row>(
    name: string,
    text: string,
    values?: readonly unknown[],
  ): Promise<R[]>
  /**
   * Runs `work` in a transaction that is committed when it resolves. Inside, use only the `Db` that
   * is handed over: on the embedded database any other would wait for this one for ever.
   */
  transaction<T>(work: (db: Db) => Promise<T>): Promise<T>
}
