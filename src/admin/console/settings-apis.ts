import type { Translate } from '#src/lib/page.ts'
import type { Settings } from '#src/settings/contract.ts'
import type { SettingsView } from '#src/settings/index.ts'
import type { Fields } from './fields.ts'

/** APIs that access tokens can be asked for, as the page of the settings has them. */
export interface ApiRows {
  /** Those of the configuration file. */
  held: readonly ApiRow[]
  /** The others, and an empty one at the end. */
  rows: readonly ApiRow[]
}

interface ApiRow {
  indicator: string
  /** With spaces between them. */
  scopes: string
  accessTokenTtlSeconds: string
}

const none: ApiRow = { indicator: '', scopes: '', accessTokenTtlSeconds: '' }

const toRow = (resource: Settings['resources'][number]): ApiRow => ({
  indicator: resource.indicator,
  scopes: resource.scopes.join(' '),
  accessTokenTtlSeconds: String(resource.accessTokenTtlSeconds),
})

/** As they were typed; an emptied row is taken away. */
const typedRows = (fields: Fields): ApiRow[] => {
  const rows: ApiRow[] = []
  for (let at = 0; fields.has(`resources.${at}.indicator`); at++) {
    const typed = (name: keyof ApiRow) => fields.text(`resources.${at}.${name}`).trim()
    const row = { indicator: typed('indicator'), scopes: typed('scopes') }
    if (row.indicator || row.scopes) {
      rows.push({ ...row, accessTokenTtlSeconds: typed('accessTokenTtlSeconds') })
    }
  }
  return rows
}

export const drawApis = (
  { settings, heldByFile }: SettingsView,
  fields: Fields | null,
): ApiRows => {
  const held = heldByFile.resources ?? []
  const isHeld = ({ indicator }: { indicator: string }) =>
    held.some((one) => one.indicator === indicator)
  const own = settings.resources.filter((resource) => !isHeld(resource)).map(toRow)
  return {
    held: settings.resources.filter(isHeld).map(toRow),
    rows: [...(fields ? typedRows(fields) : own), none],
  }
}

export const apiLabels = ({ rows }: ApiRows, t: Translate): Record<string, string> =>
  Object.fromEntries(
    rows.flatMap((row, at) =>
      Object.keys(row).map((name) => [
        `resources.${at}.${name}`,
        t(`admin-settings.resources.${name}`),
      ]),
    ),
  )

/** What the form changes; nothing where it has no rows. */
export const readApis = (fields: Fields): { resources?: object[] } => {
  if (!fields.has('resources.0.indicator')) return {}
  return {
    resources: typedRows(fields).map(({ indicator, scopes, accessTokenTtlSeconds: life }) => ({
      indicator,
      scopes: scopes.split(/\s+/).filter(Boolean),
      ...(life === '' ? {} : { accessTokenTtlSeconds: /^\d+$/.test(life) ? Number(life) : life }),
    })),
  }
}

/** `resources[0].scopes[1]` is in the field `resources.0.scopes`. */
export const apiField = (path: string): string =>
  path.replace(/^resources\[(\d+)\](?:\.(\w+).*)?$/, (_, at, name = 'indicator') =>
    ['resources', at, name].join('.'),
  )
