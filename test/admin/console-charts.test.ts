import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  columns,
  type Drawing,
  funnel,
  lines,
  lostBefore,
  type Mark,
  rows,
} from '#src/admin/console/charts/index.ts'
import { apart, linear, named, ticks } from '#src/admin/console/charts/scale.ts'
import { placeAmong } from '#src/admin/console/dashboard/messages.ts'

const write = String
const of = ({ marks }: Drawing, kind: string): Mark[] =>
  marks.filter(({ attrs }) => String(attrs.class).split(' ').includes(kind))
const numbers = (marks: readonly Mark[], name: string) => marks.map(({ attrs }) => attrs[name])
const texts = (marks: readonly Mark[]) => marks.map((mark) => mark.text)

test('scales are straight, and a domain without length does no harm', () => {
  const scale = linear([0, 10], [100, 0])
  assert.deepEqual([0, 5, 10].map(scale), [100, 50, 0])
  assert.equal(linear([3, 3], [7, 9])(3), 7)
})

test('levels are round whole numbers that reach as high as the highest value', () => {
  assert.deepEqual(ticks(0), [0, 1])
  assert.deepEqual(ticks(1), [0, 1])
  assert.deepEqual(ticks(3), [0, 1, 2, 3])
  assert.deepEqual(ticks(17), [0, 5, 10, 15, 20])
  assert.deepEqual(ticks(1_000_000), [0, 500_000, 1_000_000])
  for (const most of [2, 9, 11, 99, 101, 4321, 1e9]) {
    const steps = ticks(most)
    assert.ok(steps.at(-1)! >= most && steps.length <= 6, `${most}: ${steps}`)
    assert.ok(steps.every(Number.isInteger), String(most))
  }
})

test('names on an axis and at the ends of lines do not cover each other', () => {
  assert.deepEqual(named(3, 5), [0, 1, 2])
  assert.equal(named(90, 5).length, 5)
  assert.deepEqual(named(0, 5), [])
  assert.deepEqual(apart([50, 10, 51], 15, 100), [50, 10, 65])
  assert.deepEqual(apart([99, 98, 100], 15, 100), [85, 70, 100])
})

test('a line ends with its name, and what is not over yet is dashed', () => {
  const chart = {
    labels: ['Mon', 'Tue', 'Wed'],
    series: [
      { name: 'Started', values: [0, 10, 5] },
      { name: 'Completed', values: [0, 8, 4] },
    ],
    write,
  }
  const open = lines({ ...chart, unfinished: true })
  assert.equal(of(open, 'unfinished').length, 2)
  assert.equal(of(open, 'open').length, 2)
  assert.deepEqual(texts(of(open, 'name')), ['Started 5', 'Completed 4'])
  const [first] = of(open, 'line-1')
  assert.equal(String(first!.attrs.d).match(/[ML]/g)!.length, 2)

  const over = lines({ ...chart, unfinished: false })
  assert.equal(of(over, 'unfinished').length, 0)
  assert.equal(String(of(over, 'line-1')[0]!.attrs.d), 'M38 164L163 10L288 87')
})

test('one value and no value are drawn as well', () => {
  const one = lines({
    labels: ['Mon'],
    series: [{ name: 'A', values: [3] }],
    unfinished: true,
    write,
  })
  assert.equal(of(one, 'dot').length, 1)
  assert.equal(of(one, 'line').length, 0)
  for (const drawing of [one, columns({ labels: [], values: [], unfinished: false, write })]) {
    assert.doesNotMatch(JSON.stringify(drawing), /NaN|null|Infinity/)
  }
})

test('the height of a column is its value, and a marker stands where its value lies', () => {
  const drawing = columns({
    labels: ['5', '10', '>10'],
    values: [10, 20, 0],
    unfinished: true,
    markers: [{ at: 1.5, name: 'p50 7 s' }],
    write,
  })
  const bars = of(drawing, 'bar')
  assert.deepEqual(numbers(bars, 'height'), [69, 138, 0])
  assert.equal(of(drawing, 'open').length, 1)
  const [marker] = of(drawing, 'marker')
  const middle = Number(bars[1]!.attrs.x) + Number(bars[1]!.attrs.width) / 2
  assert.ok(Math.abs(Number(marker!.attrs.x1) - middle) < 0.2)
})

test('a value lies in its class, in the middle where it is in the middle', () => {
  const bounds = [5, 10, null]
  assert.deepEqual(
    [0, 2.5, 5, 7.5, 10, 11].map((value) => placeAmong(bounds, value)),
    [0, 0.5, 1, 1.5, 2, 2],
  )
})

test('the parts of a bar are as long as their numbers, and what alarms says so in words', () => {
  const drawing = rows([
    { name: 'one', note: '30 failed', parts: [20, 10], detail: 'rejected 20 · unavailable 10' },
    { name: 'two', note: 'low: 0 %', parts: [0], rest: 15, alarming: true },
  ])
  assert.deepEqual(numbers(of(drawing, 'part'), 'width'), [252.3, 126.7, 190])
  assert.deepEqual(texts(of(drawing, 'detail')), ['rejected 20 · unavailable 10'])
  assert.deepEqual(texts(of(drawing, 'value')), ['30 failed', 'low: 0 %'])
  assert.equal(of(drawing, 'alarming').length, 2)
})

test('a funnel measures what was lost by the stages that something is known of', () => {
  const stages = [
    { count: 100, unknown: false },
    { count: 90, unknown: false },
    { count: 0, unknown: true },
    { count: 60, unknown: false },
    // More than before: somebody used another way.
    { count: 70, unknown: false },
  ]
  assert.deepEqual(lostBefore(stages), [0, 10, 0, 30, 0])
  const drawing = funnel(
    stages.map((stage, index) => ({
      ...stage,
      name: `stage ${index}`,
      note: '',
      losses: index === 1 ? ['− 10 lost', '10 × too many'] : [],
    })),
  )
  assert.deepEqual(numbers(of(drawing, 'part'), 'width'), [380, 342, 380, 228, 266])
  assert.equal(of(drawing, 'unknown').length, 1)
  assert.deepEqual(texts(of(drawing, 'detail')), ['− 10 lost', '10 × too many'])
})
