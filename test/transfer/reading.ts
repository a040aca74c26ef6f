/** Files as they come: in pieces that end anywhere. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entry, Format, Unread } from '#src/transfer/contract.ts'
import { readers } from '#src/transfer/formats/index.ts'

export const fixture = (name: string): Promise<Buffer> =>
  readFile(join(import.meta.dirname, 'fixtures', name))

export async function* inPieces(file: Buffer | string, size = 7): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(file)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

export const readAll = async (
  format: Format,
  file: Buffer | string,
  size?: number,
): Promise<(Entry | Unread)[]> => {
  const all: (Entry | Unread)[] = []
  for await (const each of readers[format](inPieces(file, size))) all.push(each)
  return all
}

/** What came of each: the person, or why there is none. */
export const peopleOf = async (format: Format, name: string) =>
  (await readAll(format, await fixture(name))).map((each) =>
    'fault' in each ? each.fault : each.person,
  )
