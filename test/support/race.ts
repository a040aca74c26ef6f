export interface RaceResult<T> {
  /** What those returned that resolved. */
  won: T[]
  /** Why the others failed. */
  lost: unknown[]
}

/** Starts `run` `count` times behind one barrier, and waits for all of them. */
export async function race<T>(
  count: number,
  run: (index: number) => Promise<T>,
): Promise<RaceResult<T>> {
  const barrier = Promise.withResolvers<void>()
  const runs = Array.from({ length: count }, async (_, index) => {
    await barrier.promise
    return run(index)
  })
  barrier.resolve()
  const settled = await Promise.allSettled(runs)
  return {
    won: settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
    lost: settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : [])),
  }
}

/** Deals out several of something in turn, such as two processes to the runs of a race. */
export const spread =
  <T>(several: readonly T[]) =>
  (index: number): T =>
    several[index % several.length]!
