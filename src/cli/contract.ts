/** What a command gives to an operation. */
export interface Asked {
  params?: Record<string, string>
  query?: Record<string, string | number | undefined>
  body?: unknown
}

/** Runs operations of the management API, wherever they run. */
export interface Calls {
  /** Public origin of the server. */
  baseUrl: string
  /** True where a server answers; false where this process works on the database itself. */
  remote: boolean
  /** @throws CommandFailure with the words of whoever refused */
  call<T>(operationId: string, asked?: Asked): Promise<T>
  close(): Promise<void>
}

/** Where a command finds the server; from its options. */
export interface Place {
  url?: string | undefined
  clientId?: string | undefined
}
