/** A real SMTP server on loopback that keeps what it got, and fails on request. */
import type { AddressInfo, Socket } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { Scope } from './scope.ts'
import { certificate, privateKey } from './tls.ts'

export interface Received {
  /** Of the envelope. */
  from: string
  recipients: string[]
  encrypted: boolean
  user: string | null
  /** As it came over the wire. */
  raw: string
  mail: Email
}

export interface SmtpDouble {
  port: number
  /** Every message that was handed over whole, oldest first. */
  received: Received[]
  /** Connections that got a greeting. */
  connections: number
  /** Ends every connection. */
  hangUp(): void
  close(): Promise<void>
}

/** A reply that refuses, such as `reply(550, 'No such user')`. */
export const reply = (responseCode: number, words: string): Error =>
  Object.assign(new Error(words), { responseCode })

/** An error is a reply that refuses; nothing is a yes. */
export type Reaction = Error | 'hang up' | 'say nothing' | undefined

export interface SmtpBehaviour {
  /** Offers STARTTLS. */
  tls?: boolean
  /** Expects this user and password. */
  auth?: { user: string; pass: string }
  onConnect?: () => Error | undefined
  onSender?: (address: string) => Error | undefined
  onRecipient?: (address: string) => Reaction
  /** After the whole message. */
  onMessage?: (one: Received) => Reaction
}

export const startSmtp = async (t: Scope, how: SmtpBehaviour = {}): Promise<SmtpDouble> => {
  const { tls = true, auth } = how
  const sockets = new Set<Socket>()
  const hangUp = () => {
    for (const socket of sockets) socket.destroy()
  }
  const react = (reaction: Reaction, done: (error?: Error) => void): void => {
    if (reaction === 'hang up') hangUp()
    else if (reaction !== 'say nothing') done(reaction)
  }
  const options: SMTPServerOptions = {
    key: privateKey,
    cert: certificate,
    authOptional: !auth,
    closeTimeout: 100,
    disabledCommands: tls ? [] : ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onConnect(_session, done) {
      double.connections += 1
      done(how.onConnect?.())
    },
    onAuth({ username, password }, _session, done) {
      const right = username === auth?.user && password === auth?.pass
      if (right) done(null, { user: username })
      else done(reply(535, 'Authentication failed'))
    },
    onMailFrom: ({ address }, _session, done) => done(how.onSender?.(address)),
    onRcptTo: ({ address }, _session, done) => react(how.onRecipient?.(address), done),
    async onData(stream, session, done) {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk)
      const raw = Buffer.concat(chunks)
      const one: Received = {
        from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
        recipients: session.envelope.rcptTo.map(({ address }) => address),
        encrypted: session.secure,
        user: session.user ? String(session.user) : null,
        raw: raw.toString('utf8'),
        mail: await PostalMime.parse(raw),
      }
      double.received.push(one)
      react(how.onMessage?.(one), done)
    },
  }
  const server = new SMTPServer(options)
  server.on('error', () => {})
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const double: SmtpDouble = {
    port: (server.server.address() as AddressInfo).port,
    received: [],
    connections: 0,
    hangUp,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  t.after(() => double.close())
  return double
}
