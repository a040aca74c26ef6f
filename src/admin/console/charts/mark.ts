/** One element of a drawing; views turn it into SVG as it is. */
export interface Mark {
  tag: 'line' | 'rect' | 'path' | 'circle' | 'text'
  attrs: Readonly<Record<string, string | number | null>>
  /** Of a `text`. */
  text?: string
}

/** A picture, in units that a view scales to its width. */
export interface Drawing {
  width: number
  height: number
  marks: readonly Mark[]
}

/** As wide as a phone shows without making letters too small to read. */
export const chartWidth = 380

/** Numbers in SVG need no more than tenths. */
export const round = (value: number): number => Math.round(value * 10) / 10

export const text = (
  x: number,
  y: number,
  words: string,
  kind: string,
  anchor: 'start' | 'middle' | 'end' = 'start',
): Mark => ({
  tag: 'text',
  attrs: { x: round(x), y: round(y), class: kind, 'text-anchor': anchor },
  text: words,
})

export const rect = (x: number, y: number, width: number, height: number, kind: string): Mark => ({
  tag: 'rect',
  attrs: {
    x: round(x),
    y: round(y),
    width: round(Math.max(0, width)),
    height: round(Math.max(0, height)),
    class: kind,
  },
})

export const line = (x1: number, y1: number, x2: number, y2: number, kind: string): Mark => ({
  tag: 'line',
  attrs: { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), class: kind },
})

/** SVG cuts nothing off by itself: about so many letters fit. */
export const fitting = (words: string, most: number): string =>
  words.length > most ? `${words.slice(0, most - 1)}…` : words
