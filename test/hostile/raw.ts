/** Bytes on a socket: what no HTTP client would send, sent. */
import { connect } from 'node:net'

export interface RawAnswer {
  /** 0 if the connection was closed without a word. */
  status: number
  text: string
}

const patienceMs = 5000

/** Sends the bytes and returns what came until the server closed or had nothing more to say. */
export const sendRaw = (address: string, bytes: string | Buffer): Promise<RawAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    let text = ''
    const done = () => {
      socket.destroy()
      resolve({ status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
    socket.setTimeout(patienceMs, done)
    socket.on('data', (part) => {
      text += part.toString('latin1')
    })
    socket.on('close', done)
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? done() : reject(error),
    )
    socket.write(bytes)
  })

/** A request whose connection the server is asked to close. */
export const rawRequest = (line: string, headers: readonly string[], body = ''): string =>
  `${line}\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
