import type { Fault } from '#src/lib/problem.ts'

/** `refused`: the answer is no. `trouble`: it was called wrongly, or could not be done at all. */
export const exitCodes = { done: 0, refused: 1, trouble: 2 } as const

/** What a command ends with instead of an answer; its words say what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exitCode: number
  /** Of a refusal: `not_found`, `invalid_input` … */
  readonly code: string | null
  readonly errors: readonly Fault[]

  constructor(
    words: string,
    options: { exitCode?: number; code?: string | null; errors?: readonly Fault[] } = {},
  ) {
    super(words)
    this.exitCode = options.exitCode ?? exitCodes.trouble
    this.code = options.code ?? null
    this.errors = options.errors ?? []
  }
}

/** The server understood and said no; each thing that is wrong gets a line of its own. */
export const refused = (
  code: string,
  title: string,
  detail: string | undefined,
  errors: readonly Fault[] = [],
): CommandFailure => {
  // What a problem with one field says of it is its title once more.
  const lines = errors
    .filter(({ message }) => message !== title)
    .map(({ path, message }) => `  ${path}: ${message}`)
  const words = [detail ? `${title} ${detail}` : title, ...lines].join('\n')
  return new CommandFailure(words, { code, errors, exitCode: exitCodes.refused })
}

/** Says more plainly what was not found. */
export const orNotFound = async <T>(answer: Promise<T>, words: string): Promise<T> => {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.code !== 'not_found') throw error
    throw new CommandFailure(words, { code: error.code, exitCode: exitCodes.refused })
  }
}
