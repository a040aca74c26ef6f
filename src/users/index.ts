/**
 * People: what they are known by, and which browsers they have used. Knows nothing of how somebody
 * proves who they are; credentials belong to the methods that check them.
 */
export { type Browsers, browserRepository, type KnownAccount } from './browser-repository.ts'
export type { Identifier, IdentifierType, User } from './contract.ts'
export { type ExportedUser, userExportRepository } from './export-repository.ts'
export { customData, longestPersonName, personLocale, personName, roleNames } from './fields.ts'
export { findMatching } from './find-matching.ts'
export {
  defaultRegion,
  limitKey,
  maskIdentifier,
  readIdentifier,
  regionOptions,
} from './identifier.ts'
export { type ImportedUser, userImportRepository } from './import-repository.ts'
export {
  type Invitation,
  type Invitations,
  invitationRepository,
} from './invitation-repository.ts'
export {
  type GivenInvitation,
  invite,
} from './invite.ts'
export {
  addIdentifier,
  changeUser,
  createUser,
  deleteUser,
  findManagedUser,
  type GivenIdentifier,
  removeIdentifier,
  setBlocked,
  touchUser,
} from './manage.ts'
export type { ManagedUser } from './manage-repository.ts'
export { ownUserRepository } from './own-repository.ts'
export {
  type Account,
  type AccountJson,
  accountJson,
  type OwnIdentifier,
  toAccount,
  type Users,
  userRepository,
} from './repository.ts'
export { readSearch } from './search.ts'
export { type ListedUser, userSearchRepository } from './search-repository.ts'
export {
  revokeAllTrust,
  type TrustedBrowser,
  trustedBrowserRepository,
} from './trusted-browser-repository.ts'
