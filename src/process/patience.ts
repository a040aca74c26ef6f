import type { IncomingMessage, RequestListener } from 'node:http'

/** A request that takes longer to come has lost its browser. */
const requestSeconds = 30
/** Half a gigabyte over a slow line. */
export const uploadSeconds = 15 * 60
/** Whoever was answered before all was sent reads the answer within this time. */
const answeredSeconds = 5

const upload = /^\/(?:api|admin)\/users\/import(?:\?|$)/

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** Waits for the bodies of requests no longer than is good; for a file of many people, longer. */
export const patient =
  (handler: RequestListener): RequestListener =>
  (req, res) => {
    if (hasBody(req)) {
      if (!upload.test(req.url ?? '')) hurry(req)
      res.once('finish', () => {
        if (!req.complete) setTimeout(() => req.destroy(), answeredSeconds * 1000).unref()
      })
    }
    handler(req, res)
  }

const hurry = (req: IncomingMessage): void => {
  const timer = setTimeout(() => {
    if (req.complete) return
    req.socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
    req.destroy()
  }, requestSeconds * 1000).unref()
  req.once('close', () => clearTimeout(timer))
}
