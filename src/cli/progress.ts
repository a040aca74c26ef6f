import type { WriteStream } from 'node:tty'

/** How far something is, in one line. */
export interface Progress {
  show(done: number, total: number | null, words: string): void
  /** Leaves the last line standing. */
  end(): void
}

const width = 30
const number = new Intl.NumberFormat('en')

export const barOf = (done: number, total: number | null): string => {
  if (total === null) return `${number.format(done)} so far`
  const part = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(part * width)
  const bar = '█'.repeat(filled) + '░'.repeat(width - filled)
  return `${bar} ${String(Math.floor(part * 100)).padStart(3)}%  ${number.format(done)} of ${number.format(total)}`
}

/** A bar that moves on a terminal; elsewhere a line for each tenth. */
export const progress = (out: NodeJS.WriteStream | WriteStream = process.stderr): Progress => {
  let shown = ''
  let tenth = -1
  return {
    show(done, total, words) {
      const line = `${barOf(done, total)}${words && `  ${words}`}`
      if (line === shown) return
      if (out.isTTY) out.write(`\r\u001b[2K${line.slice(0, (out.columns ?? 80) - 1)}`)
      else {
        const now = total ? Math.floor((done / total) * 10) : 0
        if (now === tenth) return
        tenth = now
        out.write(`${line}\n`)
      }
      shown = line
    },
    end() {
      if (out.isTTY && shown) out.write('\n')
    },
  }
}
