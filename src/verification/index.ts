/**
 * Ways to prove who you are.
 *
 * A method opens a challenge if it has to, then turns a right answer into a {@link Verification}: a
 * fact that the interaction collects. Methods know nothing of pages, sessions or tokens, and never
 * call each other; which of them are asked for, in what order, is decided in
 * `interaction/policy.ts`.
 *
 * To add one: add a folder that exports a {@link Method}, and name it below.
 */
import { type BackupCodeDeps, backupCodeMethod } from './backup-code/index.ts'
import type { Method, MethodId } from './contract.ts'
import { emailCode } from './email-code/index.ts'
import { emailLink } from './email-link/index.ts'
import { type MessageDeps, messages } from './message/index.ts'
import { type PasskeyDeps, passkeyMethod } from './passkey/index.ts'
import { type PasswordDeps, passwordMethod } from './password/index.ts'
import { smsCode } from './sms-code/index.ts'
import { smsLink } from './sms-link/index.ts'
import { type TotpDeps, totpMethod } from './totp/index.ts'

export {
  type Acr,
  type Assurance,
  acrValues,
  assurance,
  type Factor,
  factorOf,
  isNamed,
  isPhishingResistant,
  kindsOf,
  namedFactors,
  satisfies,
  twoKindsSince,
  withoutTexts,
} from './assurance.ts'
export { type BackupCodeMethod, backupCodesText } from './backup-code/index.ts'
export type { FactorKind, Handover, Method, MethodId, Verification, Who } from './contract.ts'
export { type Challenge, fixedCode, type Messages } from './message/index.ts'
export { newPasswordHash, passwordLength } from './new-password.ts'
export {
  type About,
  type CreationOptions,
  type NewPasskey,
  type Passkey,
  type PasskeyMethod,
  type PasskeyOwner,
  passkeyAmr,
  type RequestOptions,
  type Signal,
} from './passkey/index.ts'
export { type PasswordMethod, readCommonPasswords } from './password/index.ts'
export {
  type Credentials,
  type Enrolled,
  findCredentials,
  findPerson,
  type Person,
  secondFactorsOf,
} from './person-repository.ts'
export {
  type ResettableFactor,
  removeFactors,
  resettableFactors,
  secondFactorKinds,
} from './remove-factors.ts'
export {
  type FactorReset,
  factorResetRepository,
  type ResetOrigin,
} from './reset-repository.ts'
export {
  lacksSecondFactor,
  type SecondFactorRules,
  type SetUp,
  secondFactorRules,
  standsForApp,
} from './second-factor.ts'
export { qrSvg, type TotpMethod } from './totp/index.ts'

export interface VerificationDeps {
  message: MessageDeps
  password: PasswordDeps
  totp: TotpDeps
  backupCode: BackupCodeDeps
  passkey: PasskeyDeps
}

export type Verifications = ReturnType<typeof verifications>

/** Every method there is, and what some of them offer beyond the contract. */
export const verifications = (deps: VerificationDeps) => {
  const sent = messages(deps.message)
  const password = passwordMethod(deps.password)
  const totp = totpMethod(deps.totp)
  const backupCode = backupCodeMethod(deps.backupCode)
  const passkey = passkeyMethod(deps.passkey)
  const links = () => deps.message.settings().signIn.methods.includes('email-link')
  const all: readonly Method[] = [
    smsCode(sent),
    smsLink(sent),
    emailCode(sent, links),
    emailLink(sent),
    password,
    totp,
    backupCode,
    passkey,
  ]
  const methods = new Map<MethodId, Method>(all.map((method) => [method.id, method]))
  return { methods, messages: sent, password, totp, backupCode, passkey }
}
