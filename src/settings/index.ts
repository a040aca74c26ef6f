/**
 * What an admin changes while it runs: ways to sign in, limits, sessions, looks. Every value has a
 * default; what the configuration file holds is read-only elsewhere. `config/settings-schema.ts`
 * says what is possible.
 */
export { changeSettings, type SettingsView, viewSettings } from './change.ts'
export type { Resource, Settings } from './contract.ts'
export { defaultSettings } from './defaults.ts'
export { type SettingsStore, type SettingsStoreDeps, settingsStore } from './store.ts'
