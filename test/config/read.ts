/** Reads configuration files in tests. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import { ConfigurationError } from '#config/configuration-error.ts'
import { parseConfigFile, type ValidateConnector } from '#config/file.ts'

export const secret = 'b7f3c1d9e5a2486b8d0f6c4e2a1b3d5f'
export const variables = {
  SHOP_SECRET: secret,
  TWILIO_TOKEN: 'to#ken: "{x}',
  SMTP_PORT: '2525',
  EMPTY: '',
}

const smtp = z.strictObject({ host: z.string(), port: z.number(), password: z.string().optional() })
export const validateConnector: ValidateConnector = ({ connector, config = {} }) => {
  if (connector === 'twilio-sms') return []
  if (connector !== 'smtp-email') return [{ path: 'connector', message: 'There is no such one.' }]
  const issues = smtp.safeParse(config).error?.issues ?? []
  return issues.map(({ path, message }) => ({ path: ['config', ...path].join('.'), message }))
}

export const parse = (text: string) =>
  parseConfigFile(text, { variables, validateConnector, production: true })
/** What is said to be wrong with a text, line by line; nothing when it is right. */
export const faultsOf = (text: string): readonly string[] => {
  try {
    parse(text)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    return error.faults
  }
  return []
}
