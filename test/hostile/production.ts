/** Avouch as an operator runs it, with vendors that keep what they were asked to deliver. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Scope } from '../support/scope.ts'
import { type Server, type ServerOptions, startServer } from '../support/server.ts'
import { type SmtpDouble, startSmtp } from '../support/smtp-server.ts'
import { certificate } from '../support/tls.ts'
import { startTwilio, type TwilioDouble } from '../support/twilio-double.ts'

export const vendorSecrets = {
  twilioToken: 'twilio-auth-token-of-the-operator-9d1f',
  smtpPassword: 'smtp-password-of-the-operator-4c77',
}

export interface Production {
  server: Server
  twilio: TwilioDouble
  smtp: SmtpDouble
  /** Text of the newest message, waited for; all that came before `after` messages is passed over. */
  textTo(to: string, after?: number): Promise<string>
  emailTo(to: string, after?: number): Promise<string>
}

const patienceMs = 10_000

/** In a text: six digits that stand alone. */
export const codeIn = (text: string): string => {
  const code = /(?<![\w-])\d{6}(?![\w-])/.exec(text)?.[0]
  assert.ok(code, `No code in: ${text}`)
  return code
}

export const linkIn = (text: string): string => {
  const link = /https:\/\/[^\s"<>]+\/l\/[\w-]+/.exec(text)?.[0]
  assert.ok(link, `No link in: ${text}`)
  return link
}

/** `NODE_ENV=production` on PostgreSQL, with Twilio's API and an SMTP server on loopback. */
export async function startProduction(
  scope: Scope,
  config: Record<string, unknown>,
  options: Omit<ServerOptions, 'config' | 'production'> = {},
): Promise<Production> {
  const twilio = await startTwilio(scope)
  const smtp = await startSmtp(scope, {
    auth: { user: 'avouch', pass: vendorSecrets.smtpPassword },
  })
  const connectors = [
    {
      id: 'texts',
      connector: 'twilio-sms',
      config: {
        accountSID: 'ACproduction',
        authToken: vendorSecrets.twilioToken,
        fromMessagingServiceSID: 'MGproduction',
        baseUrl: twilio.baseUrl,
      },
    },
    {
      id: 'mail',
      connector: 'smtp-email',
      config: {
        host: '127.0.0.1',
        port: smtp.port,
        tls: { ca: certificate, servername: 'localhost' },
        auth: { user: 'avouch', pass: vendorSecrets.smtpPassword },
        fromEmail: 'Shop <login@example.com>',
      },
    },
  ]
  const server = await startServer(scope, {
    ...options,
    production: true,
    config: { ...config, connectors },
  })

  const waitFor = async (what: string, find: () => string | undefined): Promise<string> => {
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      const found = find()
      if (found !== undefined) return found
      await sleep(20)
    }
    throw new assert.AssertionError({ message: `No message came for ${what}:\n${server.output()}` })
  }

  return {
    server,
    twilio,
    smtp,
    textTo: (to, after = 0) =>
      waitFor(to, () => {
        const sent = twilio.asked.filter(({ form }) => form.To === to)
        return sent.length > after ? sent.at(-1)?.form.Body : undefined
      }),
    emailTo: (to, after = 0) =>
      waitFor(to, () => {
        const sent = smtp.received.filter(({ recipients }) => recipients.includes(to))
        return sent.length > after ? sent.at(-1)?.mail.text : undefined
      }),
  }
}
