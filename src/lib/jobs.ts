import type { Logger } from 'pino'

export interface Jobs {
  /** Runs work once the answer of the current request is out. */
  later(work: () => Promise<void>): void
  /**
   * Runs work again and again, never twice at once; the first time after `seconds`. What takes long
   * stops when `ending` says so.
   */
  every(seconds: number, name: string, work: (ending: AbortSignal) => Promise<void>): void
  /** Starts nothing more, and waits for what has begun. */
  drain(): Promise<void>
}

/** Work that no request waits for. What fails is logged and never ends the process. */
export const jobs = (log: Logger): Jobs => {
  const running = new Set<Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  const ending = new AbortController()

  const run = (name: string, work: () => Promise<void>): Promise<void> => {
    const done = work()
      .catch((error: Error) =>
        log.warn({ job: name, error: error.message }, 'background work failed'),
      )
      .finally(() => running.delete(done))
    running.add(done)
    return done
  }

  return {
    later(work) {
      const done = new Promise<void>((resolve) => setImmediate(resolve)).then(() => work())
      void run('later', () => done)
    },
    every(seconds, name, work) {
      const arm = () => {
        if (ending.signal.aborted) return
        const timer = setTimeout(async () => {
          timers.delete(timer)
          await run(name, () => work(ending.signal))
          arm()
        }, seconds * 1000).unref()
        timers.add(timer)
      }
      arm()
    },
    async drain() {
      ending.abort()
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
