import type { Page } from '#src/lib/page.ts'
import type { Fault } from '#src/lib/problem.ts'
import type { Role } from '../contract.ts'
import type { Look } from './look.ts'
import type { FormField } from './schema-form.ts'
import type { ApiRows } from './settings-apis.ts'

/** What every view under `views/admin/` is given. */
export interface ConsolePage extends Page {
  /** Null where nobody is signed in. */
  admin: { name: string; role: Role } | null
  /** The parts of the console that this admin may see. */
  nav: readonly { href: string; name: string; current: boolean }[]
  /** What has just been done, in words. */
  notice: string | null
  /** What nobody should overlook. */
  warnings: readonly string[]
  /** What is wrong with which field; the first of them is also said in `error`. */
  faults: readonly Fault[]
  /** What fields are called, where a fault is told away from its field; else by their names. */
  labels: Readonly<Record<string, string>>
}

/** What a view needs beyond what every page of the console has. */
export type OwnConsole<P extends ConsolePage> = Omit<P, keyof ConsolePage> & Partial<ConsolePage>

/** `admin/message`: one thing to say, and where to go from there. */
export interface MessagePage extends ConsolePage {
  heading: string
  text: string
  ways: readonly { href: string; label: string }[]
}

/** `admin/claim`: the way to the first owner. Posts `name`, `email` and `new_password`. */
export interface ClaimPage extends ConsolePage {
  action: string
  /** The only address that may be used; empty: any. */
  email: string
  fixedEmail: boolean
  name: string
  minLength: number
}

export interface DrawnField extends FormField {
  /** The configuration file holds it. */
  held: boolean
  /** Of an input or a text area. */
  value: string
  /** Of boxes and menus. */
  chosen: readonly string[]
}

/** `admin/settings`: a form for some sections of the settings. */
export interface SettingsPage extends ConsolePage {
  /** Of the page: `settings`, `experience`. */
  name: string
  version: number
  readOnly: boolean
  /** Null where they are not on the page. */
  apis: ApiRows | null
  /** Addresses with a fixed code, one in each line; null where they are not on the page. */
  tests: { held: boolean; value: string } | null
  /** How hosted pages look with what is typed; null where nothing on the page changes that. */
  look: Look | null
  sections: readonly {
    name: string
    /** `lasts`: of seconds, how long that is. */
    fields: readonly (DrawnField & { lasts: string | null })[]
  }[]
}
