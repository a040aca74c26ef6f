/**
 * Ways to deliver a message: one folder beside this file, one connector. To add one, add a folder
 * whose `index.ts` exports a {@link Connector} by default, with a `README.md` and a `logo.svg`.
 *
 * A folder is loaded for its schema at start, so its `index.ts` imports nothing heavy; the vendor's
 * package is imported inside `open`, once an instance is in use.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connector } from './contract.ts'

/**
 * Finds every connector there is.
 *
 * @throws Error that names the folder which does not export a connector of its own name
 */
export async function loadConnectors(
  folder: string = import.meta.dirname,
): Promise<ReadonlyMap<string, Connector>> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const found = new Map<string, Connector>()
  for (const name of names.sort()) {
    const { default: connector } = await import(`${folder}/${name}/index.ts`)
    if (connector?.id !== name) throw new Error(`connectors/${name} does not export a connector`)
    found.set(name, connector)
  }
  return found
}

/** What is written about a connector, for those who set it up. */
export interface Papers {
  /** Markdown. */
  readme: string
  /** SVG. */
  logo: string
}

/** Reads the papers of a connector that {@link loadConnectors} has found. */
export const papersOf = async (
  { id }: Pick<Connector, 'id'>,
  folder: string = import.meta.dirname,
): Promise<Papers> => {
  const [readme, logo] = await Promise.all(
    ['README.md', 'logo.svg'].map((name) => readFile(join(folder, id, name), 'utf8')),
  )
  return { readme: readme!, logo: logo! }
}
