/** Looks for secrets wherever they may have been left, however they may have been written. */
import pg from 'pg'

export interface Secret {
  /** What it is, for the message. */
  name: string
  value: string
  /** It may stand in the database, which has to know it; not in what is printed. */
  inDatabase?: true
}

/** Digits that short may be part of a number by chance, or of the fraction of a second. */
const short = 8

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** How a text looks inside the base64 of something longer, whatever stands before it. */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor((bytes.length * 8) / 6)
    return bytes.toString('base64').slice(from, to)
  })

const spellings = (value: string): string[] => {
  const hex = Buffer.from(value).toString('hex')
  const base64 = value.length < short ? [Buffer.from(value).toString('base64')] : inBase64(value)
  const url = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  const forms = [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]
  const written = [...forms, ...base64, ...url]
  return [...written, ...written.map((text) => Buffer.from(text).toString('hex')), hex]
}

const patterns = new Map<string, RegExp>()

const patternOf = ({ value }: Secret): RegExp => {
  const known = patterns.get(value)
  if (known) return known
  const made = makePattern(value)
  patterns.set(value, made)
  return made
}

const makePattern = (value: string): RegExp => {
  const all = [...new Set(spellings(value))].map(literal).join('|')
  return value.length < short
    ? new RegExp(`(?<![\\w.+-])(?:${all})(?![\\w])|${Buffer.from(value).toString('hex')}`, 'i')
    : new RegExp(all, 'i')
}

/** Names of the secrets that are in the text, each with what stands around it. */
export const find = (secrets: readonly Secret[], text: string): string[] =>
  secrets.flatMap((secret) => {
    const found = patternOf(secret).exec(text)
    if (!found) return []
    const around = text.slice(Math.max(found.index - 60, 0), found.index + 60)
    return [`${secret.name} (${secret.value.slice(0, 12)}) in: ${around}`]
  })

/** Every row of every table as text; bytes are in hex. */
export const dump = async (databaseUrl: string): Promise<string> => {
  const client = new pg.Client(databaseUrl)
  await client.connect()
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_type = 'BASE TABLE'
          and table_schema not in ('pg_catalog', 'information_schema') order by name`,
    )
    const parts: string[] = []
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`)
      parts.push(`-- ${name}`, ...rows.map(({ row }) => row))
    }
    return parts.join('\n')
  } finally {
    await client.end()
  }
}
