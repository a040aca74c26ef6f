import {
  type Channel,
  type Template,
  template,
  type UsageType,
  usageTypes,
} from '#connectors/contract.ts'
import { defaultWords } from '#connectors/defaults.ts'
import { templateFaults } from '#connectors/templates.ts'
import type { Db } from '#src/db/contract.ts'
import type { I18n } from '#src/lib/i18n.ts'
import { Problem } from '#src/lib/problem.ts'
import { connectorRepository, type StoredInstance } from '../connector-repository.ts'
import { type Choose, chooserOf } from '../template.ts'
import { type ManageDeps, type ManagedConnectors, refuse } from './connectors.ts'
import { ownTemplates } from './instance-view.ts'
import { type TemplateVersion, templateVersionRepository } from './template-version-repository.ts'
import { type Author, type Cell, cellOf, noteChanges, sameCell } from './template-versions.ts'

export interface TemplateDeps extends ManageDeps {
  managed: ManagedConnectors
  i18n: I18n
}

/** Words as an editor holds them. */
export interface Words {
  subject: string | null
  content: string
  contentType: 'text/plain' | 'text/html'
}

export interface GridCell extends Cell {
  /** `own`: a template of its own. `fallback`: what `from` says. `default`: our own words. */
  state: 'own' | 'fallback' | 'default'
  /** Whose template is used; null for our own words. */
  from: Cell | null
}

export interface Grid {
  channel: Channel
  usageTypes: readonly UsageType[]
  /** Null is any language. */
  locales: readonly (string | null)[]
  cells: GridCell[]
  managedByFile: boolean
  version: number
}

export interface CellView extends GridCell {
  /** With their placeholders: the own ones, or those that are used instead. */
  words: Words
  managedByFile: boolean
  version: number
}

/** What an instance has of its own: all templates, or some. */
const ownOf = (stored: StoredInstance): readonly Template[] =>
  ownTemplates(stored) ?? stored.words ?? []

export const chooseOf = (stored: Pick<StoredInstance, 'config' | 'words'>): Choose =>
  chooserOf(ownTemplates(stored), stored.words)

const templateOf = ({ usageType, locale }: Cell, words: Words): Template =>
  template.parse({
    usageType,
    content: words.content,
    ...(words.subject ? { subject: words.subject } : {}),
    ...(words.contentType === 'text/html' ? { contentType: words.contentType } : {}),
    ...(locale ? { locale } : {}),
  })

/** A number that is nowhere else in our words, to find the place of the minutes. */
const minutes = 97

/** The words of messages: which are used where, and how they change. */
export const manageTemplates = ({ connectors, keys, managed, i18n }: TemplateDeps) => {
  const find = async (db: Db, id: string) => {
    const stored = await connectorRepository(db, keys).find(id)
    const channel = stored && channelOf(stored)
    if (!stored || !channel) throw new Problem('not_found')
    return { stored, channel }
  }

  /** A connector for several channels is there to look at messages, and has no words of its own. */
  const channelOf = (stored: StoredInstance): Channel | null => {
    const channels = connectors.get(stored.connector)?.channels ?? []
    return channels.length === 1 ? channels[0]! : null
  }

  const lookUp = (stored: StoredInstance, cell: Cell): GridCell & { found: Template | null } => {
    const own = ownOf(stored).find((each) => sameCell(cell, each)) ?? null
    if (own) return { ...cell, state: 'own', from: cell, found: own }
    const found = chooseOf(stored)(cell.usageType, cell.locale ?? i18n.negotiate({}).code)
    return found
      ? { ...cell, state: 'fallback', from: cellOf(found), found }
      : { ...cell, state: 'default', from: null, found: null }
  }

  const ours = (channel: Channel, { usageType, locale }: Cell): Words => {
    const language = i18n.negotiate(locale ? { chosen: locale } : {})
    const words = defaultWords({
      channel,
      usageType,
      words: i18n.translator(language.code),
      language,
      expiresInMinutes: minutes,
      hasLink: channel === 'email',
      about: usageType === 'SecurityNotice' ? 'notice' : 'code',
    })
    const named = (text: string) => text.replaceAll(String(minutes), '{{expiresInMinutes}}')
    return {
      subject: words.subject,
      content: named(words.html ?? words.text),
      contentType: words.html ? 'text/html' : 'text/plain',
    }
  }

  /** Puts a template in place of what is there, or takes it away. */
  const put = async (
    db: Db,
    id: string,
    cell: Cell,
    next: Template | null,
    version: number | null,
    author: Author,
  ): Promise<void> => {
    const stored = await managed.lockOwn(db, id, version)
    const channel = channelOf(stored)
    if (!channel) throw new Problem('not_found')
    if (next) refuse(templateFaults(next, channel).map(([path, message]) => ({ path, message })))
    const before = ownOf(stored)
    const others = before.filter((each) => !sameCell(cell, each))
    if (!next && others.length === before.length) throw new Problem('not_found')
    const after = next ? [...others, next] : others
    const repository = connectorRepository(db, keys)
    if (ownTemplates(stored)) {
      const config = { ...(stored.config as object), templates: after }
      // All that are needed have to stay.
      const parsed = connectors.get(stored.connector)!.config.safeParse(config)
      refuse(
        (parsed.error?.issues ?? []).map(({ path, message }) => ({
          path: path.join('.'),
          message,
        })),
      )
      await repository.update({ ...stored, config })
    } else {
      await repository.update({ ...stored, words: after })
    }
    await noteChanges(db, id, before, after, author)
  }

  const read = async (db: Db, id: string, cell: Cell): Promise<CellView> => {
    const { stored, channel } = await find(db, id)
    const { found, ...rest } = lookUp(stored, cell)
    const words: Words = found
      ? {
          subject: found.subject ?? null,
          content: found.content,
          contentType: found.contentType ?? 'text/plain',
        }
      : ours(channel, cell)
    return { ...rest, words, managedByFile: stored.managedByFile, version: stored.revision }
  }

  return {
    /** @throws Problem `not_found` */
    find,

    /**
     * Words as typed, instead of those that an instance has.
     *
     * @throws Problem `invalid_input` for words that can not work
     */
    typed(channel: Channel, usageType: UsageType, words: Words): Choose {
      const given = templateOf({ usageType, locale: null }, words)
      const faults = templateFaults(given, channel)
      refuse(faults.map(([path, message]) => ({ path: `words.${path}`, message })))
      return () => given
    },

    /** Which words are used for each usage in each language. @throws Problem `not_found` */
    async grid(db: Db, id: string): Promise<Grid> {
      const { stored, channel } = await find(db, id)
      const theirs = ownOf(stored).flatMap(({ locale }) => (locale ? [locale] : []))
      const spoken = i18n.languages.map(({ code }) => code)
      const more = theirs.filter(
        (one, index) =>
          theirs.findIndex((each) => each.toLowerCase() === one.toLowerCase()) === index &&
          !spoken.some((code) => code.toLowerCase() === one.toLowerCase()),
      )
      const locales = [null, ...spoken, ...more.sort()]
      const cells = usageTypes.flatMap((usageType) =>
        locales.map((locale): GridCell => {
          const { found: _, ...cell } = lookUp(stored, { usageType, locale })
          return cell
        }),
      )
      const { managedByFile, revision: version } = stored
      return { channel, usageTypes, locales, cells, managedByFile, version }
    },

    /** @throws Problem `not_found` */
    read,

    /**
     * @throws Problem `invalid_input` for a template that can not work, `not_found`,
     *   `managed_by_file` or `version_changed`
     */
    async save(
      db: Db,
      id: string,
      cell: Cell,
      words: Words,
      version: number | null,
      author: Author,
    ): Promise<CellView> {
      await put(db, id, cell, templateOf(cell, words), version, author)
      return read(db, id, cell)
    },

    /** What falls back from now on. @throws Problem as `save` */
    async remove(
      db: Db,
      id: string,
      cell: Cell,
      version: number | null,
      author: Author,
    ): Promise<void> {
      await put(db, id, cell, null, version, author)
    },

    /** Newest first. @throws Problem `not_found` */
    async versions(
      db: Db,
      id: string,
      cell: Cell,
      before: string | null,
      limit: number,
    ): Promise<TemplateVersion[]> {
      await find(db, id)
      return templateVersionRepository(db).list(id, cell, before, limit)
    },

    /** Makes words what they were; that is a new version. @throws Problem as `save` */
    async restore(
      db: Db,
      id: string,
      versionId: string,
      version: number | null,
      author: Author,
    ): Promise<CellView> {
      const found = await templateVersionRepository(db).find(id, versionId)
      if (!found) throw new Problem('not_found')
      const cell = { usageType: found.usageType, locale: found.template?.locale ?? found.locale }
      const { stored } = await find(db, id)
      const there = ownOf(stored).some((each) => sameCell(cell, each))
      if (found.template || there) await put(db, id, cell, found.template, version, author)
      return read(db, id, cell)
    },
  }
}

export type ManagedTemplates = ReturnType<typeof manageTemplates>
