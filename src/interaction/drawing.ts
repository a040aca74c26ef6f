import type { PageError } from '#src/lib/page.ts'
import type { Problem } from '#src/lib/problem.ts'
import { maskIdentifier } from '#src/users/index.ts'
import type { SignIn } from './sign-in.ts'
import type { Visit } from './visit.ts'

/** What was typed, to be shown again; never a password, never a code. */
export interface Typed {
  mode?: string
  identifier?: string
  region?: string
  name?: string
  username?: string
  /** Id of the passkey that was tried. */
  passkey?: string
}

export interface Drawing {
  problem: Problem | null
  typed: Typed
}

/** Status and language of a page. */
export const shown = ({ interaction }: Visit, { problem }: Drawing) => ({
  status: problem?.status ?? 200,
  uiLocales: interaction.params.ui_locales,
})

/** Nobody has typed who it is: the browser remembers it, whoever sits there now. */
export const isRemembered = ({ done, verifications }: SignIn): boolean =>
  done.includes('account') && verifications.length === 0

/** Who signs in, masked as long as the browser alone says so. */
export const whoSignsIn = ({ signIn }: Visit): string => {
  if (!signIn?.identifier) return ''
  return isRemembered(signIn) ? maskIdentifier(signIn.identifier) : signIn.identifier.display
}

/** What all pages of a sign-in have. */
export const common = ({ base, client, t }: Visit, { problem }: Drawing) => ({
  base,
  app: {
    name: client.client_name,
    logoUri: client.branding?.logo_uri ?? client.logo_uri,
    color: client.branding?.color ?? null,
  },
  error: problem ? errorOf(problem, t) : null,
})

export const errorOf = (problem: Problem, t: Visit['t']): PageError => ({
  field: problem.field ?? null,
  message: t(`problems.${problem.code}`, problem.values),
})
