/**
 * Relying parties: who may send people here, where they are sent back to, and what each may ask for.
 * What the configuration file declares is read-only elsewhere. Knows nothing of the protocol;
 * `src/oidc` makes from a client what its library wants.
 */
export {
  type Changed,
  type ChangeOptions,
  createClient,
  deleteClient,
  updateClient,
} from './change.ts'
export { type AddedSecret, addSecret, removeSecret, type SecretInput } from './change-secrets.ts'
export type { Client, ClientSecret, StoredClient } from './contract.ts'
export { newClient } from './declared.ts'
export { hasOrigin } from './origins.ts'
export {
  findClient,
  type ListedClient,
  type ListOptions,
  listClients,
  readClient,
} from './read.ts'
export { checkSecret, hashSecret, usesSecret } from './secrets.ts'
export { type ClientStore, type ClientStoreDeps, clientStore } from './store.ts'
