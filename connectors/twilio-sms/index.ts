import { z } from 'zod'
import { DeliveryError, defineConnector } from '../contract.ts'
import { templates } from '../templates.ts'
import { hint } from './hints.ts'
import { type Patience, vendorHttp } from './http.ts'
import { readReceipt } from './receipt.ts'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

const isEndpoint = (text: string): boolean => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname))
}

const config = z
  .strictObject({
    accountSID: z
      .string()
      .regex(/^AC[0-9a-zA-Z]+$/, 'An account SID begins with AC.')
      .describe('Account SID'),
    authToken: z
      .string()
      .min(1)
      .meta({ secret: true, boundTo: ['baseUrl'] })
      .describe('Auth token'),
    fromMessagingServiceSID: z
      .string()
      .regex(/^MG[0-9a-zA-Z]+$/, 'A messaging service SID begins with MG.')
      .optional()
      .describe('Messaging service that picks the sender'),
    fromNumber: z
      .string()
      .regex(
        /^(\+[1-9]\d{5,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
        'A sender is a number such as +15550100, a short code or up to 11 letters and digits.',
      )
      .optional()
      .describe('Sender, instead of a messaging service'),
    region: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .optional()
      .describe('Processing region, such as ie1'),
    edge: z
      .string()
      .regex(/^[a-z0-9-]+$/)
      .optional()
      .describe('Edge location, such as dublin'),
    baseUrl: z
      .string()
      .refine(isEndpoint, 'An https URL; http only for this machine.')
      .optional()
      .describe('Private endpoint instead of api.twilio.com'),
    disableRiskCheck: z
      .boolean()
      .optional()
      .describe('Do not let Twilio hold back what it takes for fraud'),
    host: z
      .string()
      .regex(
        /^(api(\.[a-z0-9-]+){0,2}\.twilio\.com)?$/,
        'A host of Twilio, such as api.twilio.com.',
      )
      .optional()
      .meta({ unused: true })
      .describe('As region and edge in one'),
    templates: templates('sms'),
  })
  .superRefine(({ fromMessagingServiceSID, fromNumber, region, edge, baseUrl, host }, ctx) => {
    if ((fromMessagingServiceSID === undefined) === (fromNumber === undefined)) {
      const message = 'Exactly one of fromMessagingServiceSID and fromNumber is needed.'
      ctx.addIssue({ code: 'custom', path: ['fromMessagingServiceSID'], message })
    }
    if (host && (baseUrl || region || edge)) {
      const message = 'host says the same as region, edge or baseUrl: give one of them.'
      ctx.addIssue({ code: 'custom', path: ['host'], message })
    }
    if (baseUrl && (region || edge)) {
      const message = 'region and edge have no effect beside baseUrl.'
      ctx.addIssue({ code: 'custom', path: ['baseUrl'], message })
    }
  })

/** Sends text messages through Twilio's messaging API. */
export const twilioSms = (patience: Patience = { connectMs: 3000, totalMs: 10_000 }) =>
  defineConnector({
    id: 'twilio-sms',
    channels: ['sms'],
    name: 'Twilio',
    config,

    async open({ accountSID, authToken, fromMessagingServiceSID, fromNumber, ...where }, host) {
      const { default: twilio } = await import('twilio')
      const baseUrl = where.baseUrl ?? (where.host ? `https://${where.host}` : undefined)
      const http = vendorHttp({ baseUrl, patience })
      const client = twilio(accountSID, authToken, {
        httpClient: http.client,
        // Empty rather than left out: the package would look into the environment.
        region: where.region ?? '',
        edge: where.edge ?? '',
        autoRetry: false,
      })
      const sender = fromMessagingServiceSID
        ? { messagingServiceSid: fromMessagingServiceSID }
        : { from: fromNumber! }

      return {
        async send({ id, to, text }) {
          const statusCallback = host.receiptUrl({ id })
          const { sid } = await client.messages.create({
            ...sender,
            to,
            body: text,
            ...(statusCallback && { statusCallback }),
            ...(where.disableRiskCheck && { riskCheck: 'disable' as const }),
          })
          if (!sid) throw new DeliveryError('unknown_outcome', 'The answer has no message SID')
          return { reference: sid }
        },

        async verify() {
          const { status } = await client.api.v2010.accounts(accountSID).fetch()
          if (status === 'active') return
          throw new DeliveryError('misconfigured', `The account is ${status}`)
        },

        async close() {
          http.close()
        },
      }
    },

    receipt: (request, { authToken }) => readReceipt(request, authToken),
    hint,
  })

export default twilioSms()
