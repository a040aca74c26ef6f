import type { Translate } from '#src/lib/page.ts'
import type { FormField } from '../schema-form.ts'

/** Settings that there are words for in every language of the console. */
const named: Readonly<Record<string, readonly string[]>> = {
  'twilio-sms': [
    'accountSID',
    'authToken',
    'fromMessagingServiceSID',
    'fromNumber',
    'region',
    'edge',
    'baseUrl',
    'disableRiskCheck',
  ],
  'smtp-email': [
    'host',
    'port',
    'secure',
    'requireTLS',
    'ignoreTLS',
    'tls.ca',
    'tls.servername',
    'auth.user',
    'auth.pass',
    'fromEmail',
    'replyTo',
    'name',
    'localAddress',
  ],
}

/**
 * What a setting is called. Of a connector that came from elsewhere there are only the name of the
 * setting and what its schema says.
 */
export const wordsFor = (
  t: Translate,
  kind: string,
  { path, description }: FormField,
): { label: string; hint: string | null } => {
  const name = path.slice('config.'.length)
  if (!named[kind]?.includes(name)) return { label: name, hint: description }
  const key = `admin-connectors.${kind}.${name}`
  const hint = t(`${key}-hint`)
  return { label: t(key), hint: hint === '' ? null : hint }
}
