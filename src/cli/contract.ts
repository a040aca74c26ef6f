/** What a command gives to an operation. */
export interface Asked {
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  body?: unknown
  /** Instead of a body. */
  file?: { type: string; chunks: AsyncIterable<Buffer> }
}

/** Runs operations of the management API, wherever they run. */
export interface Calls {
  /** Public origin of the server. */
  baseUrl: string
  /** True where a server answers; false where this process works on the database itself. */
  remote: boolean
  /** @throws CommandFailure with the words of whoever refused */
  call<T>(operationId: string, asked?: Asked): Promise<T>
  /** What is answered as a file. @throws CommandFailure as `call` */
  text(operationId: string, asked?: Asked): Promise<AsyncIterable<string>>
  /** Long work is done by a server; where there is none, from now on by this process. */
  work(): void
  close(): Promise<void>
}

/** Where a command finds the server; from its options. */
export interface Place {
  url?: string | undefined
  clientId?: string | undefined
}
