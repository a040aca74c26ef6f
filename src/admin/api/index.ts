import type { SettingsStore } from '#src/settings/index.ts'
import type { Operation } from '../contract.ts'
import { settingsOperations } from './settings.ts'

export interface OperationDeps {
  settings: SettingsStore
}

/** Everything that can be done, in the order of the documentation. */
export const operations = (deps: OperationDeps): readonly Operation[] => [
  ...settingsOperations(deps),
]
