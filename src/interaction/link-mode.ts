import type { Client } from '#src/clients/index.ts'
import type { LinkMode, Settings } from '#src/settings/contract.ts'
import type { Challenge } from '#src/verification/index.ts'
import type { LinkPage } from './pages.ts'
import type { SignIn } from './sign-in.ts'

/**
 * What a link does in a browser that did not ask for it. Where an application can not begin a sign-in by
 * itself, nobody can be sent to it.
 */
export const linkModeOf = (
  client: Pick<Client, 'link_mode' | 'initiate_login_uri'> | null,
  { linkMode }: Pick<Settings['signIn'], 'linkMode'>,
): LinkMode => {
  const mode = client?.link_mode ?? linkMode
  return mode === 'sign_in_here' && !client?.initiate_login_uri ? 'code_handoff' : mode
}

/** What the link of a message is to whoever has opened it. */
export interface Landing {
  challenge: Challenge | null
  /** Null where it is over, or has come to be about somebody else. */
  signIn: SignIn | null
  /** The browser that asked for the link. */
  asker: boolean
  linkMode: LinkMode
}

/** The page of a link, before anybody has pressed anything on it. */
export const landingState = ({
  challenge,
  signIn,
  asker,
  linkMode,
}: Landing): LinkPage['state'] => {
  if (!challenge) return 'unknown'
  if (challenge.state !== 'open' || !signIn) return challenge.state === 'used' ? 'used' : 'expired'
  if (asker) return 'continue'
  if (linkMode === 'same_browser') return 'same-browser'
  if (linkMode !== 'number_match') return 'handoff'
  return challenge.handover === null || challenge.handover === 'elsewhere'
    ? 'number'
    : challenge.handover
}

/** Only a whole sign-in begins anew in another browser: neither a second step nor a reset. */
export const maySignInHere = (landing: Landing): boolean =>
  landing.linkMode === 'sign_in_here' &&
  landingState(landing) === 'handoff' &&
  landing.signIn?.intent !== 'reset' &&
  landing.signIn?.verifications.length === 0 &&
  landing.signIn.userId === null
