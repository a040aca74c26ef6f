import { z } from 'zod'

const withoutEffect = <T extends z.ZodType>(schema: T) =>
  schema.optional().meta({ unused: true }).describe('Taken from Logto; without effect here')

/**
 * What a configuration of Logto's SMTP connector may have beside ours, so that it can be pasted as it
 * is. How long to wait is fixed here, nothing is printed, and no file or URL is ever read.
 */
export const ofLogto = {
  name: z.string().optional().describe('Name of this machine, as the server is told'),
  localAddress: z.string().optional().describe('Address of this machine to send from'),
  servername: z.string().optional().meta({ unused: true }).describe('As tls.servername'),
  logger: withoutEffect(z.boolean()),
  debug: withoutEffect(z.boolean()),
  disableFileAccess: withoutEffect(z.boolean()),
  disableUrlAccess: withoutEffect(z.boolean()),
  connectionTimeout: withoutEffect(z.number()),
  greetingTimeout: withoutEffect(z.number()),
  socketTimeout: withoutEffect(z.number()),
  dnsTimeout: withoutEffect(z.number()),
}
