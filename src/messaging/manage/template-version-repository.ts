import type { Template, UsageType } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'

/** Who changes something; null where nobody knows. */
export interface Author {
  kind: string
  id: string
}

/** Which words: a usage in a language, or (null) in any. */
export interface Cell {
  usageType: UsageType
  locale: string | null
}

export interface TemplateVersion {
  id: string
  usageType: Template['usageType']
  locale: string | null
  /** Null: there was none, so that others, or our own words, were used. */
  template: Template | null
  /** Null for what was there before anybody changed it here. */
  author: Author | null
  at: Date
}

interface VersionRow {
  id: string
  usage_type: Template['usageType']
  locale: string
  template: Template | null
  actor_kind: string | null
  actor_id: string | null
  created_at: Date
}

const columns = 'id, usage_type, locale, template, actor_kind, actor_id, created_at'

const version = (row: VersionRow): TemplateVersion => ({
  id: row.id,
  usageType: row.usage_type,
  locale: row.locale || null,
  template: row.template,
  author: row.actor_kind ? { kind: row.actor_kind, id: row.actor_id! } : null,
  at: row.created_at,
})

const key = ({ usageType, locale }: Cell) => [usageType, locale?.toLowerCase() ?? '']

const json = (template: Template | null) => (template ? JSON.stringify(template) : null)

/** What the words of an instance were, and who changed them. */
export const templateVersionRepository = (db: Db) => ({
  /** Keeps what is now, and before the first change what was. */
  async add(
    connectorId: string,
    cell: Cell,
    { was, is }: { was: Template | null; is: Template | null },
    author: Author,
  ): Promise<void> {
    await db.query(
      'template_versions.first',
      `insert into template_versions (connector_id, usage_type, locale, template)
       select $1::text, $2::text, $3::text, $4::jsonb where not exists (
         select from template_versions
          where connector_id = $1 and usage_type = $2 and locale = $3)`,
      [connectorId, ...key(cell), json(was)],
    )
    await db.query(
      'template_versions.add',
      `insert into template_versions
         (connector_id, usage_type, locale, template, actor_kind, actor_id)
       values ($1, $2, $3, $4, $5, $6)`,
      [connectorId, ...key(cell), json(is), author.kind, author.id],
    )
  },

  /** Newest first. */
  async list(
    connectorId: string,
    cell: Cell,
    before: string | null,
    limit: number,
  ): Promise<TemplateVersion[]> {
    const rows = await db.query<VersionRow>(
      'template_versions.list',
      `select ${columns} from template_versions
        where connector_id = $1 and usage_type = $2 and locale = $3
          and ($4::bigint is null or id < $4)
        order by id desc limit $5`,
      [connectorId, ...key(cell), before, limit],
    )
    return rows.map(version)
  },

  async find(connectorId: string, id: string): Promise<TemplateVersion | null> {
    const [row] = await db.query<VersionRow>(
      'template_versions.find',
      `select ${columns} from template_versions where connector_id = $1 and id = $2`,
      [connectorId, id],
    )
    return row ? version(row) : null
  },
})
