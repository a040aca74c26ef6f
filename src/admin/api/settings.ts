import { z } from 'zod'
import { settingsPatch, settingsSchema } from '#config/settings-schema.ts'
import { changeSettings, type SettingsStore, viewSettings } from '#src/settings/index.ts'
import { type Operation, operation } from '../contract.ts'

const view = z.object({
  settings: settingsSchema.describe('As they are in force.'),
  heldByFile: settingsPatch.describe('What of them the configuration file holds: read-only here.'),
  version: z.int(),
})

/** What an admin changes while the server runs. */
export const settingsOperations = ({ settings }: { settings: SettingsStore }): Operation[] => [
  operation({
    id: 'settings.read',
    method: 'GET',
    path: '/settings',
    scope: 'settings:read',
    summary: 'All settings, with what the configuration file holds of them.',
    answer: view,
    run: ({ db }) => viewSettings(db),
  }),

  operation({
    id: 'settings.change',
    method: 'PATCH',
    path: '/settings',
    scope: 'settings:write',
    summary: 'Changes what is given; lists are replaced as a whole.',
    body: settingsPatch,
    answer: view,
    note: ({ body }) => ({ event: 'settings.changed', detail: body }),
    async run({ db, body, version, afterwards }) {
      await changeSettings(db, body, version)
      afterwards(settings.load)
      return viewSettings(db)
    },
  }),
]
