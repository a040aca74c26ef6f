import { DeliveryError, type DeliveryFailure } from '../contract.ts'

/** What nodemailer says beside the message. */
interface SmtpError {
  message: string
  code?: string
  /** What the system said, such as `ECONNREFUSED`. */
  originalCode?: string
  /** First three digits of the reply (RFC 5321, section 4.2). */
  responseCode?: number
  /** The command that was answered. */
  command?: string
}

const certificate = /CERT|SELF_SIGNED|ALTNAME|ISSUER/

const classify = (error: SmtpError, handedOver: boolean): DeliveryFailure => {
  const { code, responseCode, command } = error
  // A reply is an answer, also after the message was handed over: it was not taken.
  if (responseCode !== undefined && responseCode >= 400 && responseCode < 500) return 'unavailable'
  if (code === 'EAUTH' || code === 'ENOAUTH') return 'misconfigured'
  if (code === 'ETLS' || certificate.test(error.originalCode ?? '')) return 'misconfigured'
  if (responseCode !== undefined && responseCode >= 500) {
    // What is wrong before the recipient is named can not be about the recipient.
    const aboutRecipient = code === 'EENVELOPE' || code === 'EMESSAGE'
    if (!aboutRecipient) return 'unavailable'
    return command === 'MAIL FROM' || responseCode === 530 ? 'misconfigured' : 'rejected'
  }
  return handedOver ? 'unknown_outcome' : 'unavailable'
}

/**
 * What a failed attempt means.
 *
 * @param handedOver whether the whole message had been sent: with no reply after that, the server
 *   may have taken it
 */
export const asDeliveryError = (cause: unknown, handedOver: boolean): DeliveryError => {
  const error = cause as SmtpError
  const vendorCode = error.responseCode?.toString() ?? error.originalCode ?? error.code ?? null
  return new DeliveryError(classify(error, handedOver), error.message, { vendorCode, cause })
}
