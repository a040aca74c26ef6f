import type { Page } from '#src/lib/page.ts'

/** What the views under `views/oidc/` are given. */

/** `logout`: posts `xsrf`, and `logout=yes`, or `everywhere=yes` besides, to `action`. */
export interface LogoutPage extends Page {
  action: string
  xsrf: string
  account: string
}

/** `signed-out` */
export interface SignedOutPage extends Page {
  /** Registered home page of the application, if there is one. */
  homeHref: string | null
}

/** `device-code`: posts `xsrf` and `user_code` to `action`; never submits itself. */
export interface DeviceCodePage extends Page {
  action: string
  xsrf: string
  userCode: string
}

/** `device-confirm`: posts `xsrf`, `user_code`, and `confirm=yes` or `abort=yes`, to `action`. */
export interface DeviceConfirmPage extends Page {
  action: string
  xsrf: string
  userCode: string
  /** Where the request came from. */
  requester: { address: string | null; agent: string | null }
}

/** `device-done` */
export type DeviceDonePage = Page
