import type { Db } from '#src/db/contract.ts'

/** A write of one row that may turn out to be impossible, as a statement of its own or part of one. */
export interface Write {
  /** Says which text it is; short, since names of prepared statements have room for 63 bytes. */
  name: string
  /** SQL that returns a row if it was done; `$1` and on are its own values. */
  text: (condition: string) => string
  values: readonly unknown[]
  /** What the library is told where it could not be done. */
  lost: () => Error
  /** Everything else happens only if this was done: a code is spent. */
  gate?: true
}

/** What one request writes, by row, so that a row which is written twice is written once. */
export type Unit = Map<string, Write>

/**
 * Does all of it in one statement, or, where a gate is closed, nothing.
 *
 * @throws what the first write that could not be done has to say
 */
export const carryOut = async (db: Db, unit: Unit): Promise<void> => {
  const writes = [...unit.values()].sort((a, b) => Number(b.gate ?? 0) - Number(a.gate ?? 0))
  if (writes.length === 0) return
  const name = `oidc.${writes.map(({ name }) => name).join('+')}`
  let text = texts.get(name)
  if (text === undefined) {
    text = together(writes)
    texts.set(name, text)
  }
  const values = writes.flatMap(({ values }) => values)
  const [done] = await db.query<Record<string, number>>(name, text, values)
  const lost = writes.find((_, at) => done?.[`w${at}`] !== 1)
  if (lost) throw lost.lost()
}

const texts = new Map<string, string>()

/** Parts of one statement see the same moment, and none sees what another one writes. */
const together = (writes: readonly Write[]): string => {
  let before = 0
  const parts = writes.map(({ text, values }, at) => {
    const condition = at > 0 && writes[0]?.gate ? 'exists (select from w0)' : 'true'
    const shift = before
    before += values.length
    const own = text(condition).replace(/\$(\d+)/g, (_, n) => `$${Number(n) + shift}`)
    return `w${at} as (${own})`
  })
  const counts = writes.map((_, at) => `(select count(*)::int from w${at}) as w${at}`)
  return `with ${parts.join(', ')} select ${counts.join(', ')}`
}
