import { Problem } from '#src/lib/problem.ts'

/** One person may take so many characters in a file. */
export const mostCharacters = 256 * 1024

/** What is wrong with the file as a whole, or with one person of it. */
export const refuse = (detail: string): never => {
  throw new Problem('invalid_input', { detail })
}

/** The file as text, without a byte order mark. @throws Problem for what is not UTF-8 */
export async function* textOf(file: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const decode = (piece?: Buffer): string => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode()
    } catch {
      return refuse('The file is not text in UTF-8. Save it as UTF-8, and upload it again.')
    }
  }
  for await (const piece of file) yield decode(piece)
  yield decode()
}
