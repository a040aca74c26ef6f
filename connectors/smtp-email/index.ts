import { z } from 'zod'
import { DeliveryError, defineConnector } from '../contract.ts'
import { templates } from '../templates.ts'
import { addrSpec, mailbox, mailboxOrEmpty } from './address.ts'
import { asDeliveryError } from './failures.ts'
import { hint } from './hints.ts'
import { ofLogto } from './of-logto.ts'

export interface Patience {
  /** For name and connection. */
  connectMs: number
  greetingMs: number
  /** From the call to the server's last reply. */
  totalMs: number
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/

const config = z
  .strictObject({
    host: z.string().min(1).describe('Server'),
    port: z.int().min(1).max(65_535).describe('587 for submission, 465 for TLS from the start'),
    secure: z.boolean().optional().describe('TLS from the start; the default for port 465'),
    requireTLS: z
      .boolean()
      .default(true)
      .describe('Refuse a server without STARTTLS. Off: encrypt only if the server offers it'),
    ignoreTLS: z.boolean().default(false).describe('Never encrypt'),
    tls: z
      .strictObject({
        ca: z
          .string()
          .includes('BEGIN CERTIFICATE')
          .optional()
          .meta({ long: true })
          .describe('Own authority, PEM'),
        servername: z.string().min(1).optional().describe('Name in the certificate'),
      })
      .optional(),
    auth: z
      .strictObject({
        type: z
          .string()
          .regex(/^login$/i, 'Only login is known here: a user and a password.')
          .optional()
          .meta({ unused: true }),
        user: z.string().min(1),
        pass: z
          .string()
          .min(1)
          .meta({ secret: true, boundTo: ['host', 'port', 'tls'] }),
      })
      .optional(),
    fromEmail: mailbox.describe('Sender: an address, or Name <address>'),
    replyTo: mailboxOrEmpty.optional().describe('Where answers go'),
    ...ofLogto,
    templates: templates('email'),
  })
  .superRefine(({ host, secure, port, requireTLS, ignoreTLS, auth }, ctx) => {
    if (ignoreTLS && requireTLS) {
      const message = 'ignoreTLS needs requireTLS: false.'
      ctx.addIssue({ code: 'custom', path: ['ignoreTLS'], message })
    }
    const encrypted = requireTLS || (secure ?? port === 465)
    if (auth && !encrypted && !loopback.test(host)) {
      const message = 'A password is only sent over TLS: leave requireTLS on.'
      ctx.addIssue({ code: 'custom', path: ['requireTLS'], message })
    }
  })

const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ')

/** Sends email through an SMTP server, over a few connections that stay open. */
export const smtpEmail = (
  patience: Patience = { connectMs: 5000, greetingMs: 15_000, totalMs: 30_000 },
) =>
  defineConnector({
    id: 'smtp-email',
    channels: ['email'],
    name: 'SMTP',
    config,

    async open({ fromEmail, replyTo, name, localAddress, ...given }) {
      const { createTransport } = await import('nodemailer')
      const { host, port, requireTLS, ignoreTLS, auth } = given
      const servername = given.tls?.servername || given.servername
      const transport = createTransport({
        host,
        port,
        requireTLS,
        ignoreTLS,
        ...(name && { name }),
        ...(localAddress && { localAddress }),
        ...(auth && { auth }),
        tls: { ...given.tls, ...(servername && { servername }) },
        secure: given.secure ?? port === 465,
        pool: true,
        maxConnections: 5,
        // A message is only ever requeued while not a byte of it has been sent.
        maxRequeues: 2,
        connectionTimeout: patience.connectMs,
        dnsTimeout: patience.connectMs,
        greetingTimeout: patience.greetingMs,
        socketTimeout: patience.totalMs,
        socketCloseTimeout: 1000,
        disableFileAccess: true,
        disableUrlAccess: true,
      })

      // Until the last byte has been read for sending, the server can not have taken the message.
      const handedOver = new Set<string>()
      transport.use('stream', (mail, done) => {
        mail.message.processFunc((stream) => {
          const id = String(mail.data.messageId)
          return stream.once('end', () => handedOver.add(id))
        })
        done()
      })

      return {
        async send({ id, to, subject, text, html }) {
          if (!addrSpec.test(to)) throw new DeliveryError('rejected', 'Not an email address')
          // Objects, never strings: a string is split at commas and spaces.
          const recipient = { name: '', address: to }
          const messageId = `<${id}@${fromEmail.address.split('@')[1]}>`
          try {
            await transport.sendMail({
              messageId,
              from: fromEmail,
              ...(replyTo && { replyTo }),
              to: recipient,
              envelope: { from: fromEmail, to: [recipient] },
              subject: oneLine(subject ?? ''),
              text,
              ...(html !== null && { html }),
              // Out-of-office robots stay silent (RFC 3834, section 5).
              headers: { 'Auto-Submitted': 'auto-generated' },
              signal: AbortSignal.timeout(patience.totalMs),
            })
            return { reference: messageId }
          } catch (error) {
            throw asDeliveryError(error, handedOver.has(messageId))
          } finally {
            handedOver.delete(messageId)
          }
        },

        async verify() {
          try {
            await transport.verify()
          } catch (error) {
            throw asDeliveryError(error, false)
          }
        },

        async close() {
          transport.close()
        },
      }
    },

    hint,
  })

export default smtpEmail()
