import type { Page } from '#src/lib/page.ts'
import type { IdentifierType } from '#src/users/contract.ts'

/**
 * What the views under `views/account/` are given. Every form posts to its page's own path unless it
 * names another.
 */
export interface AccountPage extends Page {
  /** What has just been done, in words. */
  notice: string | null
  /** After a change of how one signs in: to signing out everywhere else. */
  elsewhereHref: string | null
  /** To the application that sent the person here. */
  wayBack: { href: string; app: string } | null
}

export type Advice = 'another-way' | 'two-step' | 'backup-codes' | 'passkey'

/** `account/overview`: what there is, and one button for each thing that is still to do. */
export interface OverviewPage extends AccountPage {
  name: string | null
  identifiers: readonly string[]
  lastSignIn: string | null
  checklist: readonly { advice: Advice; done: boolean; href: string }[]
  sections: readonly { topic: string; href: string; count: number | null }[]
}

/** `account/profile`: posts `name` and `locale`. */
export interface ProfilePage extends AccountPage {
  name: string
  locale: string
  locales: readonly { code: string; name: string }[]
}

/** `account/methods`: everything that somebody signs in with. */
export interface MethodsPage extends AccountPage {
  groups: readonly {
    type: IdentifierType
    addHref: string | null
    entries: readonly {
      display: string
      verified: boolean
      preferred: boolean
      preferHref: string | null
      removeHref: string | null
    }[]
  }[]
  password: { changedAt: string } | null
  passwordOffered: boolean
  passkeys: number | null
  twoStep: boolean
}

/** `account/identifier`: posts `identifier` (and `region`), or `username`. */
export interface IdentifierPage extends AccountPage {
  type: IdentifierType
  value: string
  region: string
  regions: readonly { code: string; name: string; calling: string }[]
}

/** `account/verify`: posts `code`; `resend` has its own form. */
export interface VerifyPage extends AccountPage {
  type: 'email' | 'phone'
  destination: string
  length: number
  ttlMinutes: number
  resendAfterSeconds: number
}

/** `account/password`: posts `new_password` and `sign_out`. */
export interface PasswordPage extends AccountPage {
  identifier: string
  minLength: number
  has: boolean
  signOut: boolean
  removeHref: string | null
}

/** `account/two-step` */
export interface TwoStepPage extends AccountPage {
  totp: { since: string } | null
  backupCodes: { left: number } | null
  passkeys: number | null
}

/** `account/totp`: posts `code`. */
export interface TotpPage extends AccountPage {
  /** Base32 in groups of four. */
  key: string
  uri: string
  /** SVG, trusted. */
  qr: string
  account: string
  replaces: boolean
}

/** `account/backup-codes`: posts `saved=on`. */
export interface BackupCodesPage extends AccountPage {
  codes: readonly string[]
  downloadHref: string
}

/** What the script for passkeys needs to know. */
interface PasskeyScript {
  passkey: { options: string; signals: readonly (readonly [method: string, about: object])[] }
}

/** `account/passkeys`: the browser is told which of its own still work. */
export interface PasskeysPage extends AccountPage, PasskeyScript {
  on: boolean
  passkeys: readonly {
    name: string
    backedUp: boolean
    createdAt: string
    lastUsedAt: string | null
    renameHref: string
    removeHref: string
  }[]
  addHref: string
}

/** `account/passkey-new`: a button that needs a script. Posts `passkey` (JSON). */
export interface NewPasskeyPage extends AccountPage, PasskeyScript {}

/** `account/passkey`: posts `name`. */
export interface PasskeyPage extends AccountPage {
  name: string
}

/** `account/sessions` */
export interface SessionsPage extends AccountPage {
  sessions: readonly {
    current: boolean
    /** Such as `Firefox, Linux`. */
    browser: string | null
    address: string | null
    signedInAt: string | null
    methods: readonly string[]
    apps: readonly string[]
    endHref: string
  }[]
  endOthersHref: string | null
  trustedHref: string | null
}

/** `account/trusted-browsers` */
export interface TrustedBrowsersPage extends AccountPage {
  browsers: readonly {
    browser: string | null
    since: string
    until: string
    lastUsedAt: string | null
    removeHref: string
  }[]
}

/** `account/apps` */
export interface AppsPage extends AccountPage {
  apps: readonly {
    name: string
    scopes: readonly string[]
    since: string | null
    offline: boolean
    removeHref: string
  }[]
}

/** `account/activity` */
export interface ActivityPage extends AccountPage {
  events: readonly {
    at: string
    words: string
    detail: string
    disputeHref: string | null
  }[]
  nextHref: string | null
}

/** `account/secure`: what to do once everybody else is signed out. */
export interface SecurePage extends AccountPage {
  steps: readonly { topic: string; href: string }[]
}

/** `account/data` */
export interface DataPage extends AccountPage {
  deleteHref: string | null
}

/** `account/confirm`: one question, answered by a button or by going back. */
export interface ConfirmPage extends AccountPage {
  heading: string
  /** Values of the words. */
  values: Record<string, string | number>
  text: string
  button: string
  back: { href: string; label: string }
}

/** `account/message`: says something, and where to go. */
export interface MessagePage extends AccountPage {
  heading: string
  text: string
  values: Record<string, string | number>
  next: { href: string; label: string } | null
}
