/** A message, and an instance of a connector that is closed with the test. */
import assert from 'node:assert/strict'
import type { z } from 'zod'
import {
  type Connector,
  DeliveryError,
  type DeliveryFailure,
  type Host,
  type Instance,
  type Message,
} from '#connectors/contract.ts'
import type { Scope } from './scope.ts'

export const textMessage: Message = {
  id: 'd1',
  channel: 'sms',
  usageType: 'SignIn',
  to: '+41791234567',
  locale: 'en',
  subject: null,
  text: '482913 is your code to sign in to Demo.\n\n@login.example.com #482913',
  html: null,
  code: '482913',
  link: null,
}

export const emailMessage: Message = {
  ...textMessage,
  channel: 'email',
  to: 'ada@example.com',
  subject: '482913 is your code to sign in to Demo',
  text: '482913 is your code.\n',
  html: '<p>482913 is your code.</p>',
}

const noHost: Host = {
  baseUrl: 'https://login.example.com',
  keep: () => Promise.reject(new Error('Nothing is kept here')),
  receiptUrl: () => null,
}

/** Checks the settings as they would be when saved, then opens an instance with them. */
export const openInstance = async <Schema extends z.ZodType>(
  t: Scope,
  connector: Connector<Schema>,
  config: z.input<Schema>,
  host: Host = noHost,
): Promise<Instance> => {
  const instance = await connector.open(connector.config.parse(config), host)
  t.after(() => instance.close())
  return instance
}

/** The failure that a delivery ends in; a delivery that succeeds is a failure of the test. */
export const failureOf = async (sending: Promise<unknown>): Promise<DeliveryError> => {
  try {
    await sending
  } catch (error) {
    assert.ok(error instanceof DeliveryError, String(error))
    return error
  }
  throw new assert.AssertionError({ message: 'It was delivered' })
}

export const assertFails = async (
  sending: Promise<unknown>,
  failure: DeliveryFailure,
): Promise<DeliveryError> => {
  const error = await failureOf(sending)
  assert.equal(error.failure, failure, `${error.failure}: ${error.message}`)
  return error
}

/** Paths and words of what a connector's schema has against settings. */
export const faultsIn = (connector: Connector, config: unknown): string[] => {
  const parsed = connector.config.safeParse(config)
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

/** The four templates that every configuration with templates needs. */
export const requiredTemplates = ['SignIn', 'Register', 'ForgotPassword', 'Generic'].map(
  (usageType) => ({ usageType, content: `${usageType} {{code}}` }),
)
