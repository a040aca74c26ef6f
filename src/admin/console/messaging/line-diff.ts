import { diffLines } from 'diff'
import type { DiffLine, Past } from './templates-pages.ts'

const textOf = ({ template }: Pick<Past, 'template'>): string => {
  if (!template) return ''
  const { subject, contentType, content } = template
  const head = [subject, contentType === 'text/html' ? 'text/html' : ''].filter(Boolean)
  return head.length > 0 ? `${head.join('\n')}\n\n${content}` : content
}

/** What changed from one version to the next, line by line; lines far from a change are left out. */
export const changesOf = (
  before: Pick<Past, 'template'> | null,
  after: Pick<Past, 'template'>,
): DiffLine[] => {
  const parts = diffLines(before ? textOf(before) : '', textOf(after), { newlineIsToken: false })
  const lines = parts.flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): DiffLine => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text })),
  )
  return lines.filter((_, at) =>
    lines.slice(Math.max(at - around, 0), at + around + 1).some(({ kind }) => kind !== 'same'),
  )
}

/** Lines that are shown beside a change. */
const around = 2
