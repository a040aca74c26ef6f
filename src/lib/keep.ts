import { hash } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What is worth keeping from one start to the next: beside the code, where only those can write who
 * could change the code as well. Where nobody can write, it is made at every start.
 */
export const keptFolder = join(import.meta.dirname, '../../node_modules/.cache/avouch')

/**
 * Makes something, or takes what has been made from the same ingredients before.
 *
 * @param name of the file; the one made last stays
 * @param ingredients everything that the result depends on
 */
export const keep = async <T>(
  folder: string,
  name: string,
  ingredients: readonly string[],
  make: () => Promise<T>,
): Promise<T> => {
  const key = hash('sha256', JSON.stringify(ingredients))
  const file = join(folder, `${name}.json`)
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as { key: string; made: T }
    if (kept.key === key) return kept.made
  } catch {
    // Nothing is there, or not all of it.
  }
  const made = await make()
  const unfinished = `${file}.${process.pid}`
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(unfinished, JSON.stringify({ key, made }))
    await rename(unfinished, file)
  } catch {
    await rm(unfinished, { force: true }).catch(() => {})
  }
  return made
}
