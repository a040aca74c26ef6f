import { settingsSchema } from '#config/settings-schema.ts'
import { words } from '#config/words.ts'
import type { Settings } from './contract.ts'
import { defaultSettings } from './defaults.ts'
import { merge, mergeResources } from './merge.ts'
import type { StoredSection } from './repository.ts'

export type SectionName = keyof Settings

export const sections = Object.keys(defaultSettings) as SectionName[]

/** `over` on top of `under`, for one section. */
export const together = (section: SectionName, under: unknown, over: unknown): unknown =>
  section === 'resources'
    ? mergeResources((under ?? []) as Settings['resources'], (over ?? []) as Settings['resources'])
    : merge(under, over)

/** What is stored on top of the defaults, if it goes together. */
export const readSettings = (stored: readonly StoredSection[]) => {
  const effective = sections.map((section) => {
    const row = stored.find((one) => one.section === section)
    return [section, together(section, defaultSettings[section], row?.value)]
  })
  return settingsSchema.safeParse(Object.fromEntries(effective), { error: words })
}
