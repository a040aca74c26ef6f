/**
 * Connections that several statements share at a time, each sent without waiting for the answers of
 * those before it. Busy processes and busy servers then spend much less on each.
 */
export interface LaneOptions<C> {
  /** Connections that may be in use at a time; once they are, statements join the least busy one. */
  most: number
  /** Statements that one connection is to have under way before another one is taken. */
  room: number
  acquire: () => Promise<C>
  release: (connection: C) => Promise<void>
  /** Whether a connection may no longer be used. */
  broken: (connection: C) => boolean
}

interface Lane<C> {
  connection: Promise<C>
  inFlight: number
}

/** Runs work on a connection that others use as well; it goes back once nobody does. */
export type Shared<C> = <T>(work: (connection: C) => Promise<T>) => Promise<T>

export const lanes = <C>(options: LaneOptions<C>): Shared<C> => {
  const { most, room, acquire, release, broken } = options
  const open = new Set<Lane<C>>()

  const leastBusy = (): Lane<C> | null => {
    let least: Lane<C> | null = null
    for (const lane of open) if (!least || lane.inFlight < least.inFlight) least = lane
    return least
  }

  const enter = (): Lane<C> => {
    const least = leastBusy()
    if (least && (least.inFlight < room || open.size >= most)) {
      least.inFlight += 1
      return least
    }
    const lane = { connection: acquire(), inFlight: 1 }
    open.add(lane)
    return lane
  }

  return async (work) => {
    const lane = enter()
    let connection: C | null = null
    try {
      connection = await lane.connection
      return await work(connection)
    } finally {
      lane.inFlight -= 1
      if (lane.inFlight === 0 || connection === null || broken(connection)) open.delete(lane)
      if (lane.inFlight === 0 && connection !== null) await release(connection)
    }
  }
}
