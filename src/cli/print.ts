/** What a command says on standard output; everything else goes to standard error. */
export const say = (words: string): void => {
  process.stdout.write(`${words}\n`)
}

export const warn = (words: string): void => {
  process.stderr.write(`${words}\n`)
}

/** For programs. */
export const sayJson = (value: unknown): void => say(JSON.stringify(value, null, 2))

/** Control characters in what somebody else has chosen would reach the terminal. */
export const plain = (text: string): string => text.replace(/\p{C}+/gu, ' ')

/** Lines with columns that stand below each other; the last one is as wide as it likes. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const clean = rows.map((row) => row.map(plain))
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => row[column]!.length)),
  )
  return clean
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
