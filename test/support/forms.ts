/** Reads the forms of a page, tolerantly: enough to fill in and send what our pages have. */
export interface Form {
  /** Absolute URL. */
  action: string
  method: 'GET' | 'POST'
  /** What would be sent untouched: values of inputs, chosen options, ticked boxes. */
  values: Record<string, string>
  /** Boxes that are ticked beside one of the same name. */
  repeated: readonly (readonly [name: string, value: string])[]
  /** Every name that can be filled in, ticked or pressed. */
  names: ReadonlySet<string>
  /** Submit buttons with a name, in order. */
  buttons: readonly { name: string; value: string }[]
  /** Text of the form, white space collapsed. */
  text: string
}

type Attributes = Map<string, string>

export const readForms = (html: string, url: string): Form[] => {
  const forms = withoutComments(html).matchAll(/<form\b([^>]*)>(.*?)<\/form\s*>/gis)
  return [...forms].map(([, head = '', inner = '']) => readForm(attributesOf(head), inner, url))
}

/** Text of a piece of HTML as a person would read it. */
export const textOf = (html: string): string =>
  decode(
    withoutComments(html)
      .replace(/<(script|style|svg|template)\b.*?<\/\1\s*>/gis, ' ')
      .replace(/<[^>]*>/g, ' '),
  )
    .replace(/\s+/g, ' ')
    .trim()

const withoutComments = (html: string) => html.replace(/<!--.*?-->/gs, '')

const readForm = (head: Attributes, inner: string, url: string): Form => {
  const values: Record<string, string> = {}
  const repeated: [string, string][] = []
  const names = new Set<string>()
  const buttons: { name: string; value: string }[] = []

  for (const [, tag = '', attributes = '', content = ''] of controls(inner)) {
    const of = attributesOf(attributes)
    const name = of.get('name')
    if (!name || of.has('disabled')) continue
    names.add(name)
    const type = of.get('type')?.toLowerCase() ?? (tag === 'button' ? 'submit' : 'text')
    if (type === 'submit' && tag !== 'select') buttons.push({ name, value: of.get('value') ?? '' })
    else if (type === 'checkbox' || type === 'radio') {
      if (!of.has('checked')) continue
      const value = of.get('value') ?? 'on'
      if (name in values) repeated.push([name, value])
      else values[name] = value
    } else if (tag === 'select') values[name] = chosen(content)
    else if (tag === 'textarea') values[name] = decode(content)
    else if (type !== 'button' && type !== 'reset') values[name] = of.get('value') ?? ''
  }

  return {
    action: new URL(head.get('action') || url, url).href,
    method: head.get('method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
    values,
    repeated,
    names,
    buttons,
    text: textOf(inner),
  }
}

const controls = (html: string) => {
  const attributes = `((?:[^>"']|"[^"]*"|'[^']*')*)`
  const paired = String.raw`<(select|textarea|button)\b${attributes}>(.*?)<\/\1\s*>`
  return [
    ...html.matchAll(new RegExp(String.raw`<(input)\b${attributes}>`, 'gis')),
    ...html.matchAll(new RegExp(paired, 'gis')),
  ].sort((a, b) => a.index - b.index)
}

const chosen = (options: string): string => {
  const all = [...options.matchAll(/<option\b([^>]*)>([^<]*)/gi)].map(
    ([, head = '', text = '']) => {
      const of = attributesOf(head)
      return { value: of.get('value') ?? decode(text).trim(), selected: of.has('selected') }
    },
  )
  return (all.find(({ selected }) => selected) ?? all[0])?.value ?? ''
}

const attributesOf = (head: string): Attributes =>
  new Map(
    [...head.matchAll(/([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g)].map(
      ([, name = '', double, single, bare]) => [
        name.toLowerCase(),
        decode(double ?? single ?? bare ?? ''),
      ],
    ),
  )

const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
}

const decode = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return entities[name] ?? whole
    return String.fromCodePoint(Number.parseInt(hex ?? decimal, hex ? 16 : 10))
  })
