import { isDeepStrictEqual } from 'node:util'
import type { Template } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import { type Author, type Cell, templateVersionRepository } from './template-version-repository.ts'

export type { Author, Cell } from './template-version-repository.ts'

export const sameCell = (
  one: Cell,
  { usageType, locale }: Pick<Template, 'usageType' | 'locale'>,
) =>
  one.usageType === usageType && (one.locale ?? '').toLowerCase() === (locale ?? '').toLowerCase()

export const cellOf = ({ usageType, locale }: Template): Cell => ({
  usageType,
  locale: locale ?? null,
})

/** Keeps a version of each template that is not what it was, and of what it was before the first. */
export const noteChanges = async (
  db: Db,
  connectorId: string,
  before: readonly Template[],
  after: readonly Template[],
  author: Author,
): Promise<void> => {
  const versions = templateVersionRepository(db)
  const cells = [
    ...after,
    ...before.filter((one) => !after.some((two) => sameCell(cellOf(one), two))),
  ]
  for (const cell of cells.map(cellOf)) {
    const was = before.find((each) => sameCell(cell, each)) ?? null
    const is = after.find((each) => sameCell(cell, each)) ?? null
    if (isDeepStrictEqual(was, is)) continue
    await versions.add(connectorId, cell, { was, is }, author)
  }
}
