import { z } from 'zod'

/** Why a message is sent. The first four are required in every configuration that has templates. */
export const usageTypes = [
  'SignIn',
  'Register',
  'ForgotPassword',
  'Generic',
  'MfaVerification',
  'BindMfa',
  'BindNewIdentifier',
  'UserPermissionValidation',
  'OrganizationInvitation',
  'SecurityNotice',
] as const
export type UsageType = (typeof usageTypes)[number]

export const requiredUsageTypes = ['SignIn', 'Register', 'ForgotPassword', 'Generic'] as const

export type Channel = 'sms' | 'email'

/** The words for one usage, in one language or (without `locale`) in any. */
export const template = z.strictObject({
  usageType: z.enum(usageTypes),
  content: z.string().min(1),
  subject: z.string().min(1).optional(),
  contentType: z.enum(['text/plain', 'text/html']).optional(),
  locale: z.string().min(2).optional(),
})
export type Template = z.output<typeof template>

/** A message with its words chosen and filled in. Connectors deliver; they do not compose. */
export interface Message {
  /** Our delivery id: unique, stable over retries. */
  id: string
  channel: Channel
  usageType: UsageType
  /** Canonical: E.164 for `sms`, addr-spec for `email`. Exactly one recipient. */
  to: string
  locale: string
  subject: string | null
  text: string
  html: string | null
  /** For the inbox and for tests; a vendor gets only the words. */
  code: string | null
  link: string | null
}

/** `rejected`: this recipient, for good. `unknown_outcome`: it may or may not have been accepted. */
export type DeliveryFailure =
  | 'rejected'
  | 'misconfigured'
  | 'rate_limited'
  | 'unavailable'
  | 'unknown_outcome'

/** Why a vendor did not take a message, with the vendor's own code and words. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  readonly failure: DeliveryFailure
  readonly vendorCode: string | null
  readonly retryAfterSeconds: number | null

  constructor(
    failure: DeliveryFailure,
    words: string,
    options: ErrorOptions & { vendorCode?: string | null; retryAfterSeconds?: number | null } = {},
  ) {
    super(words, options)
    this.failure = failure
    this.vendorCode = options.vendorCode ?? null
    this.retryAfterSeconds = options.retryAfterSeconds ?? null
  }
}

/** What the server lends to a connector. */
export interface Host {
  /** Public origin, for a vendor's callbacks. */
  baseUrl: string
  /** Keeps a message for the evaluation inbox; refused in production. */
  keep(message: Message): Promise<void>
  /** Where the vendor may say later what became of a message; null where no vendor gets there. */
  receiptUrl(message: Pick<Message, 'id'>): string | null
}

/** What a vendor calls back with, before anything of it is believed. */
export interface ReceiptRequest {
  /** The public URL that was called. */
  url: string
  /** One header by its lower-case name; empty where there is none. */
  header(name: string): string
  /** The body as it came. */
  body: string
}

/** What became of a message after the vendor had accepted it; `sent`: it has left the vendor. */
export interface Receipt {
  /** As `send` gave it. */
  reference: string
  state: 'sent' | 'delivered' | 'undelivered' | 'failed'
  /** The vendor's own error code. */
  code: string | null
}

/** One configured instance. */
export interface Instance {
  /** Resolves with the vendor's reference once the vendor has accepted. @throws DeliveryError */
  send(message: Message): Promise<{ reference: string }>
  /** Checks the credentials without sending anything. @throws DeliveryError */
  verify(): Promise<void>
  close(): Promise<void>
}

export interface Connector<Schema extends z.ZodType = z.ZodType> {
  /** Equal to the folder name; stored with every delivery. */
  id: string
  channels: readonly Channel[]
  name: string
  /**
   * What an operator fills in. Draws the form, marks secrets (`.meta({ secret: true })`); `boundTo`
   * beside it names the settings without which a kept secret would be sent to somebody else.
   */
  config: Schema
  open(config: z.output<Schema>, host: Host): Promise<Instance>
  /**
   * Reads a vendor's callback; null for one that says nothing of interest.
   *
   * @throws DeliveryError `rejected` for what does not come from the vendor
   */
  receipt?(request: ReceiptRequest, config: z.output<Schema>): Promise<Receipt | null>
  /** What an operator can do about a failure, in plain words; null where that is not known. */
  hint?(error: DeliveryError): string | null
}

/** Returns what it is given; it exists so that `config` types `open`. */
export const defineConnector = <Schema extends z.ZodType>(connector: Connector<Schema>) => connector
