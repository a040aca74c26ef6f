export interface CacheOptions<T> {
  /** Given the answer that has run out, so that it can return the same object if nothing changed. */
  load: (key: string, before: T | undefined) => Promise<T>
  /** Most entries; the one that was asked for longest ago goes first. */
  size: number
  seconds: number
  now: () => number
}

interface Entry<T> {
  value: Promise<T>
  until: number
}

/**
 * Remembers the answers of `load` for a while. Those who ask for the same key at the same moment
 * share one look-up, and what fails is not remembered.
 */
export const cache = <T>({ load, size, seconds, now }: CacheOptions<T>) => {
  const entries = new Map<string, Entry<T>>()

  const refresh = async (key: string, old: Entry<T> | undefined): Promise<T> =>
    load(key, await old?.value.catch(() => undefined))

  const keep = (key: string, entry: Entry<T>): Promise<T> => {
    // A Map keeps the order of insertion: the first is the one that was asked for longest ago.
    entries.delete(key)
    entries.set(key, entry)
    if (entries.size > size) entries.delete(entries.keys().next().value!)
    return entry.value
  }

  return {
    get(key: string): Promise<T> {
      const old = entries.get(key)
      if (old && old.until > now()) return keep(key, old)
      const entry = { value: refresh(key, old), until: now() + seconds * 1000 }
      entry.value.catch(() => {
        if (entries.get(key) === entry) entries.delete(key)
      })
      return keep(key, entry)
    },

    clear: (): void => entries.clear(),
  }
}
