import { rows } from '../charts/index.ts'
import { type Figure, figureOf, type Talk, type ToldReport } from './figure.ts'

const mostRows = 10

/** With what people signed in, and how many of them in two steps. */
export const methodFigures = (talk: Talk, { data, signIns }: ToldReport<'methods'>): Figure[] => {
  const { words, number, share, method: nameOf } = talk
  const total = signIns.reduce((sum, { completed }) => sum + completed, 0)
  const sorted = [...signIns].sort((a, b) => b.completed - a.completed)
  const namesOf = (methods: readonly string[]) => methods.map(nameOf).join(' + ')
  const twice = signIns
    .filter(({ methods }) => methods.length > 1)
    .reduce((sum, { completed }) => sum + completed, 0)
  const changed = data.filter(({ added, reset }) => added > 0 || reset > 0)
  const sumOf = (name: 'added' | 'reset') => changed.reduce((sum, each) => sum + each[name], 0)
  const part = (count: number) => (total > 0 ? count / total : null)
  return [
    figureOf(talk, 'methods', {
      summary: sorted[0]
        ? words('methods-summary', {
            first: namesOf(sorted[0].methods),
            share: share(part(sorted[0].completed)),
          })
        : '',
      heads: [words('method'), words('completed'), words('share')],
      rows: sorted.map(({ methods, completed }) => [
        methods.join(' + '),
        completed,
        { share: part(completed) },
      ]),
      drawing:
        total === 0
          ? null
          : rows(
              sorted.slice(0, mostRows).map(({ methods, completed }) => ({
                name: namesOf(methods),
                note: `${number(completed)} · ${share(part(completed))}`,
                parts: [completed],
              })),
            ),
    }),
    figureOf(talk, 'second-step', {
      summary: words('second-step-summary', {
        share: share(part(twice)),
        added: number(sumOf('added')),
        reset: number(sumOf('reset')),
      }),
      heads: [words('what'), words('count')],
      rows: [
        [words('two-steps'), twice],
        [words('one-step'), total - twice],
        ...changed.flatMap(({ method, added, reset }) => [
          [words('set-up', { method }), added],
          [words('reset', { method }), reset],
        ]),
      ],
      drawing:
        total === 0
          ? null
          : rows([
              {
                name: words('two-steps'),
                note: `${number(twice)} · ${share(part(twice))}`,
                parts: [twice],
                rest: total - twice,
              },
              {
                name: words('one-step'),
                note: `${number(total - twice)} · ${share(part(total - twice))}`,
                parts: [total - twice],
                rest: twice,
              },
              ...changed.map(({ method, added, reset }) => ({
                name: nameOf(method),
                note: words('factor-row', { added: number(added), reset: number(reset) }),
                parts: [added],
              })),
            ]),
    }),
  ]
}
