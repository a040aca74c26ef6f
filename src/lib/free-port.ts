import { createServer } from 'node:net'

const isFree = (port: number, host: string | undefined) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, host, () => probe.close(() => resolve(true)))
  })

/** The first free port from `port` on, passing over `taken`. @throws Error after fifty */
export const freePort = async (
  port: number,
  host: string | undefined,
  taken: ReadonlySet<number> = new Set(),
): Promise<number> => {
  for (let candidate = port; candidate < port + 50; candidate += 1) {
    if (!taken.has(candidate) && (await isFree(candidate, host))) return candidate
  }
  throw new Error(`No port from ${port} to ${port + 49} is free.`)
}
