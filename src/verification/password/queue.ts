import { Problem } from '#src/lib/problem.ts'

export interface QueueLimits {
  inFlight: number
  waiting: number
  /** How long one may wait for its turn. */
  waitMs: number
}

/** Runs the work in its turn. @throws Problem `busy` when too much is waiting, or for too long */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Keeps work that is expensive by design from taking all of the machine: little of it at once, a
 * short line behind it, and an honest refusal beyond.
 */
export function boundedQueue({ inFlight, waiting, waitMs }: QueueLimits): Queue {
  const line: (() => void)[] = []
  let running = 0

  const busy = () => new Problem('busy', { retryAfterSeconds: Math.ceil(waitMs / 1000) + 1 })

  const turn = () =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(() => {
        line.splice(line.indexOf(go), 1)
        reject(busy())
      }, waitMs)
      line.push(go)
    })

  return async (work) => {
    if (running < inFlight) running += 1
    else if (line.length < waiting) await turn()
    else throw busy()
    try {
      return await work()
    } finally {
      // The place is handed over rather than freed, so that nobody slips in between.
      const next = line.shift()
      if (next) next()
      else running -= 1
    }
  }
}
