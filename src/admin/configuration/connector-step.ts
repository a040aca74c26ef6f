import { isDeepStrictEqual } from 'node:util'
import type { DeclaredConnector } from '#config/file.ts'
import type { Template } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { MessagingManagement } from '#src/messaging/index.ts'
import type { Change, Compared, ConnectorState, Run, State } from './contract.ts'
import { at, changesOf, nullsIn, type Section, withAt } from './values.ts'

export interface WantedConnector {
  index: number
  declared: DeclaredConnector
}

type Connectors = Pick<MessagingManagement['connectors'], 'typed'>

const missing = 'is missing: it is a secret that no variable gives'

/** What makes an instance what the file says. */
export const connectorStep = async (
  db: Db,
  connectors: Connectors,
  state: State,
  { index, declared }: WantedConnector,
): Promise<Compared> => {
  const { id, connector } = declared
  const entry = `connectors[${index}]`
  const place = (path: string) => `${entry}.${path}`
  const current = state.connectors.find((each) => each.id === id)
  const secrets = state.secrets.get(connector) ?? []
  const refuse = (path: string, message: string): Compared => ({
    step: null,
    faults: [{ path: place(path), message }],
  })
  if (current && current.connector !== connector) {
    return refuse('connector', `is ${current.connector} here: give the new one another id`)
  }

  const given = (declared.config ?? {}) as Section
  const unknown = nullsIn(given).find((path) => !secrets.includes(path) || !kept(current, path))
  if (unknown !== undefined) return refuse(`config.${unknown}`, missing)
  // Masked as the API shows it, a secret stands for the one that is stored.
  const config = nullsIn(given).reduce<unknown>(
    (all, path) => withAt(all, path, at(current!.config, path)),
    given,
  ) as Section

  const wanted = {
    priority: declared.priority ?? 10,
    countries: declared.countries ?? null,
    enabled: declared.enabled ?? true,
  }
  const templates = (declared.templates ?? []) as unknown as Template[]
  try {
    const checked = await connectors.typed(db, { id: current ? id : null, connector, config })
    const path = `connectors.${id}`
    if (!current) {
      const changes: Change[] = [{ path, kind: 'added', after: { connector, ...wanted } }]
      // All is done in one transaction, which waits for no vendor; the doctor asks them.
      const body = { id, connector, ...wanted, config, verify: false }
      const perform = async (run: Run) => {
        await run('connectors.create', { body })
        await saveWords(run, id, [], templates)
        return []
      }
      return { step: { changes, entry, place, perform }, faults: [] }
    }
    const stored = (checked.stored?.config ?? {}) as Section
    const inConfig = hide(changesOf(`${path}.config`, stored, checked.config, true), path, secrets)
    const { priority, countries, enabled } = current
    const own = changesOf(path, { priority, countries, enabled }, wanted, true)
    const words = wordChanges(path, current.templates, templates)
    const changes = [...own, ...inConfig, ...words]
    if (changes.length === 0) return { step: null, faults: [] }
    const body = { ...wanted, ...(inConfig.length > 0 ? { config } : {}), verify: false }
    const perform = async (run: Run) => {
      if (own.length + inConfig.length > 0) await run('connectors.change', { params: { id }, body })
      await saveWords(run, id, current.templates, templates)
      return []
    }
    return { step: { changes, entry, place, perform }, faults: [] }
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'invalid_input') throw error
    const faults = error.errors.map((fault): Fault => ({ ...fault, path: place(fault.path) }))
    return { step: null, faults }
  }
}

const kept = (current: ConnectorState | undefined, path: string): boolean =>
  current !== undefined && at(current.config, path) !== undefined

/** Of a secret only that it is another one. */
const hide = (changes: readonly Change[], path: string, secrets: readonly string[]): Change[] =>
  changes.map((change) => {
    const inside = secrets
      .map((secret) => `${path}.config.${secret}`)
      .some((secret) => secret === change.path || secret.startsWith(`${change.path}.`))
    return inside ? { path: change.path, kind: change.kind } : change
  })

const cellOf = ({ usageType, locale }: Template): string =>
  locale ? `${usageType}.${locale}` : usageType

const byCell = (templates: readonly Template[]): Record<string, string> =>
  Object.fromEntries(
    templates.map((each) => {
      const { content, subject = null, contentType = 'text/plain' } = each
      return [cellOf(each), JSON.stringify([content, subject, contentType])]
    }),
  )

const wordChanges = (
  path: string,
  before: readonly Template[],
  after: readonly Template[],
): Change[] =>
  changesOf(`${path}.templates`, byCell(before), byCell(after), true).map((change) => ({
    ...change,
    ...(change.before === undefined ? {} : { before: JSON.parse(String(change.before))[0] }),
    ...(change.after === undefined ? {} : { after: JSON.parse(String(change.after))[0] }),
  }))

const saveWords = async (
  run: Run,
  id: string,
  before: readonly Template[],
  after: readonly Template[],
): Promise<void> => {
  const there = byCell(before)
  const wanted = byCell(after)
  const where = ({ usageType, locale }: Template) => ({
    params: { id, usageType },
    query: locale ? { locale } : {},
  })
  for (const template of after) {
    if (isDeepStrictEqual(there[cellOf(template)], wanted[cellOf(template)])) continue
    const { content, subject = null, contentType = 'text/plain' } = template
    await run('templates.save', { ...where(template), body: { content, subject, contentType } })
  }
  for (const template of before) {
    if (wanted[cellOf(template)] === undefined) await run('templates.remove', where(template))
  }
}
