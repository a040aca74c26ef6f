import type { Page } from '#src/lib/page.ts'
import type { IdentifierType } from '#src/users/contract.ts'
import type { Handover, MethodId } from '#src/verification/contract.ts'

/**
 * What the views under `views/interaction/` are given. Every form posts to a path below `base`
 * (`/interaction/<uid>`), with the field names of the design, section 4.
 */
export interface InteractionPage extends Page {
  base: string
  /** The script for passkeys is there; null where they have no place. */
  passkey?: PasskeyUse | null
}

/** What the script for passkeys needs to know. */
export interface PasskeyUse {
  /** Answers a POST with what the browser is to be asked, as JSON. */
  options: string
  /** Whoever has one may sign in with it right here. */
  signsIn: boolean
  /** What the browser is to be told: methods of `PublicKeyCredential`, with what they take. */
  signals: readonly (readonly [method: string, about: object])[]
}

/** Another way: a form that posts to `<base>/start/<method>`. */
export interface Alternative {
  method: MethodId
  /** Where a code would go, masked unless the person has just typed it. */
  destination: string | null
}

/** `identify`: one field. Posts `identifier` and `region` to `identify`. */
export interface IdentifyPage extends InteractionPage {
  mode: 'sign-in' | 'create' | 'reset'
  types: readonly IdentifierType[]
  identifier: string
  /** ISO 3166 code that is chosen in `regions`. */
  region: string
  /** Only where phone numbers are used; `name` in the page's language. */
  regions: readonly { code: string; name: string; calling: string }[]
  /** Links to the other modes: `?mode=create`, `?mode=sign-in`; null where not offered. */
  createHref: string | null
  signInHref: string | null
  /** Remembered accounts exist on this browser: link to the chooser. */
  chooseHref: string | null
}

/** `choose-account`: posts `account` (an id of the list, or `other`) to `identify`. */
export interface ChooseAccountPage extends InteractionPage {
  accounts: readonly { id: string; name: string | null; identifier: string; signedIn: boolean }[]
}

/**
 * `code`: one code, whichever way it comes. Posts `code` to `verify/<method>`; `resend` has its own
 * form. Without JavaScript a plain link to `base` shows whether the link has been opened meanwhile.
 */
export interface CodePage extends InteractionPage {
  method: 'sms-code' | 'email-code' | 'totp' | 'backup-code'
  /** This is the second step of a sign-in. */
  second: boolean
  destination: string | null
  length: number
  ttlMinutes: number
  /** The message also carries a link. */
  hasLink: boolean
  /** What another device asks for where the link is opened there; null: nothing. */
  number: string | null
  /** What was done with the link elsewhere. */
  linkNews: Exclude<Handover, 'approved'> | null
  /** Null for `totp` and `backup-code`. */
  delivery: 'sending' | 'accepted' | 'failed' | 'unknown' | null
  /** Seconds until *Send again* is answered; null where there is nothing to send. */
  resendAfterSeconds: number | null
  /** Just sent again: says so in a status line. */
  resent: boolean
  /** `<base>/state`, polled by the script. */
  statePath: string
  /** Link that goes back to the identifier, before anything is proven. */
  changeHref: string | null
  alternatives: readonly Alternative[]
  /** Days for which `trust_device=on` trusts this browser; null: not offered. */
  trustDays: number | null
  /** To the page of `lost`, on a second step. */
  lostHref: string | null
}

/**
 * `lost`: for those who have none of what they are asked for. Posts nothing to `lost`, which asks for a
 * reset.
 */
export interface LostPage extends InteractionPage {
  /** As the admin says it. */
  text: string
  /** There are backup codes: a form to `start/backup-code`. */
  backupCodes: boolean
  /** `offered`: one can be asked for; then how far it is. Null: none can be. */
  reset: 'offered' | 'requested' | 'approved' | null
  /** When it is carried out, in words. */
  dueAt: string | null
  backHref: string
}

/** `password`: posts `password` to `verify/password`. */
export interface PasswordPage extends InteractionPage {
  identifier: string
  /** For password managers; null where it is masked. */
  username: string | null
  /** For a second step or a step-up, the account cannot be changed. */
  changeHref: string | null
  /** Posts nothing: a link to `?mode=reset`. */
  resetHref: string | null
  alternatives: readonly Alternative[]
  /** To the page of `lost`, on a second step. */
  lostHref: string | null
}

/** `profile`: posts the `fields` to `profile`. `new_password` is never given back. */
export interface ProfilePage extends InteractionPage {
  identifier: string
  fields: readonly { name: 'name' | 'username' | 'new_password'; value: string }[]
  minLength: number
}

/** `new-password`: after a reset, or as the missing factor. Posts `new_password` to `profile`. */
export interface NewPasswordPage extends InteractionPage {
  identifier: string
  minLength: number
  reason: 'reset' | 'second-factor'
  alternatives: readonly Alternative[]
}

/** `passkey`: posts `passkey` (JSON) to `verify/passkey`; `decision=unable` to `skip`. */
export interface PasskeyPage extends InteractionPage {
  /** Nothing else will do: the application can be told that there is none. */
  demanded: boolean
  alternatives: readonly Alternative[]
  /** To the page of `lost`. */
  lostHref: string
}

/**
 * `enroll-passkey`: posts `passkey` (JSON) to `verify/passkey`, and to `skip` what is decided instead:
 * `later` or `never` where it is offered, `unable` where nothing else will do.
 */
export interface EnrollPasskeyPage extends InteractionPage {
  reason: 'offered' | 'chosen' | 'demanded'
  /** The browser may try to make one without asking. */
  quiet: boolean
  account: string
  alternatives: readonly Alternative[]
}

/** `enroll-totp`: posts `code` to `verify/totp`. */
export interface EnrollTotpPage extends InteractionPage {
  /** Base32 in groups of four. */
  key: string
  /** `otpauth:` for a phone that shows this page. */
  uri: string
  /** SVG, trusted. */
  qr: string
  account: string
  alternatives: readonly Alternative[]
}

/** `backup-codes`: posts `saved=on` to `profile`. `downloadHref` answers a text file. */
export interface BackupCodesPage extends InteractionPage {
  codes: readonly string[]
  downloadHref: string
}

/** `consent`: posts `decision` (`allow`, `deny`) to `consent`. */
export interface ConsentPage extends InteractionPage {
  account: string
  redirectHost: string
  /** Scope names; words are `scopes.<name>` where a locale has them. */
  scopes: readonly { name: string; description: string; isNew: boolean }[]
  appLinks: { policy: string | null; terms: string | null; home: string | null }
}

/** `expired`: *Start again* posts to `<base>/restart`; without `restart` there is nothing to restart. */
export interface ExpiredPage extends InteractionPage {
  restart: boolean
  /** It did not expire: it was finished, in another tab of this browser. */
  over: boolean
}

/** `link`: the landing page of `/l/<token>`; both forms post to `action`. */
export interface LinkPage extends Page {
  /**
   * `continue`: the browser that asked; one button, or by itself with a script. `handoff`: another
   * browser; a button shows the code. `code`: the code. `same-browser`: go back to the first one.
   * `number`: another browser; posts `number`, which the first one shows, or `decision=deny`.
   * The rest say what happened.
   */
  state:
    | 'continue'
    | 'handoff'
    | 'code'
    | 'same-browser'
    | 'number'
    | 'approved'
    | 'denied'
    | 'exhausted'
    | 'used'
    | 'expired'
    | 'unknown'
  action: string
  identifier: string | null
  code: string | null
  /** Beside `handoff`: a form that posts the `code` of the message, to sign in with this very browser. */
  instead: { identifier: string; app: string } | null
  /** Who asked, such as `Firefox, Linux`, and how long ago. */
  requester: { browser: string; minutesAgo: number } | null
}

export type { ErrorPage } from '#src/lib/page.ts'
