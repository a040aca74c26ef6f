/** Sending what waits for several receivers, so that one that is slow keeps nobody else waiting. */

export interface Dispatch {
  /** Begins to send what is due, and waits for nobody. */
  send(): Promise<void>
  /** Starts nothing more; resolves once nothing is under way. */
  close(): Promise<void>
}

export interface DispatchDeps<Due> {
  /** What is due, claimed for this process; `busy` is how many of each receiver are under way. */
  claim: (busy: ReadonlyMap<string, number>, mostOfEach: number) => Promise<readonly Due[]>
  receiverOf: (due: Due) => string
  deliver: (due: Due) => Promise<void>
  onError: (error: Error, due: Due | null) => void
}

/** Under way at once to one receiver, from one process; and to all of them. */
const mostOfEach = 8
const mostInAll = 200

export const dispatch = <Due>(deps: DispatchDeps<Due>): Dispatch => {
  const { claim, receiverOf, deliver, onError } = deps
  const underWay = new Map<string, number>()
  const running = new Set<Promise<void>>()
  let claiming = false
  let claimAgain = false
  let closed = false

  const track = (due: Due): void => {
    const receiver = receiverOf(due)
    underWay.set(receiver, (underWay.get(receiver) ?? 0) + 1)
    const done = deliver(due)
      .catch((error: Error) => onError(error, due))
      .finally(() => {
        running.delete(done)
        const left = underWay.get(receiver)! - 1
        if (left > 0) underWay.set(receiver, left)
        else underWay.delete(receiver)
        // There is room for the next.
        return send()
      })
      .catch((error: Error) => onError(error, null))
    running.add(done)
  }

  /** Those who ask while it looks are answered by one more look. */
  const send = async (): Promise<void> => {
    claimAgain = true
    if (claiming) return
    claiming = true
    try {
      while (claimAgain && !closed && running.size < mostInAll) {
        claimAgain = false
        for (const due of await claim(underWay, mostOfEach)) track(due)
      }
    } finally {
      claiming = false
    }
  }

  return {
    send,
    async close() {
      closed = true
      await Promise.all(running)
    },
  }
}
