/** Requests to addresses that somebody has typed: nothing on our side of the network is reached. */
import { Resolver } from 'node:dns/promises'
import { type ClientRequest, request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

export interface OutboundOptions {
  /** Besides which no port is called. */
  ports: readonly number[]
  /** For trying things out: this machine may be called as well, on any port and without TLS. */
  loopback: boolean
  /** All addresses of a name; DNS unless given. */
  resolve?: (name: string) => Promise<string[]>
}

export interface Answered {
  status: number | null
  /** Why there is no status. */
  error: 'not_allowed' | 'not_found' | 'timeout' | 'tls' | 'unreachable' | null
}

export interface Outbound {
  /** Why a URL can not be called, in words; null where it may be. Names are looked up when called. */
  fault(url: string): string | null
  /** Never throws and follows no redirect; of the answer 64 KB are read and thrown away. */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<Answered>
}

const connectMs = 3000
const totalMs = 10_000
const longestAnswer = 64 * 1024

const refused = 'ERR_NOT_ALLOWED'

/** An address of the public internet; whatever is reserved, mapped or tunnelled is none. */
const isPublic = (address: string): boolean => {
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  // Of IPv6 only 2000::/3 is in use (RFC 4291, section 2.4); `::127.0.0.1` is outside of it.
  return parsed.kind() === 'ipv4' || parsed.match(ipaddr.parse('2000::') as ipaddr.IPv6, 3)
}

const isLoopback = (address: string): boolean => ipaddr.process(address).range() === 'loopback'

/** By DNS itself, which takes no thread from others while a server does not answer. */
const resolveByDns = async (name: string): Promise<string[]> => {
  if (/^localhost\.?$/i.test(name)) return ['127.0.0.1']
  const resolver = new Resolver({ timeout: 1500, tries: 1 })
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  return found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
}

const bare = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '')

export const outbound = (options: OutboundOptions): Outbound => {
  const { ports, loopback, resolve = resolveByDns } = options
  const portOf = ({ port, protocol }: URL) => Number(port || (protocol === 'https:' ? 443 : 80))
  const plain = ({ protocol, port }: URL) =>
    protocol !== 'https:' || !ports.includes(Number(port || 443))
  const allows = (url: URL, address: string): boolean =>
    loopback && isLoopback(address) ? true : isPublic(address) && !plain(url)

  const faultOf = (text: string): string | null => {
    const url = URL.parse(text)
    if (!url || !/^https?:$/.test(url.protocol)) return 'has to be like https://example.com/path'
    if (url.username || url.password) return 'may hold no user name or password'
    if (url.hash) return 'may hold no fragment'
    const host = bare(url)
    if (isIP(host)) return allows(url, host) ? null : 'has to be a public address, by https'
    if (loopback && /^localhost\.?$/.test(host)) return null
    if (url.protocol !== 'https:') return 'has to begin with https://'
    return ports.includes(portOf(url)) ? null : `may use port ${ports.join(' or ')}`
  }

  /** What was looked at is what is connected to: a second look could find something else. */
  const lookup =
    (url: URL): LookupFunction =>
    (name, { all }, done) => {
      resolve(name).then(
        (addresses) => {
          const allowed = addresses.every((address) => allows(url, address))
          const code = addresses.length === 0 ? 'ENOTFOUND' : allowed ? null : refused
          const found = addresses.map((address) => ({ address, family: isIP(address) }))
          const [first] = found
          if (code || !first) done(Object.assign(new Error(), { code: code ?? 'ENOTFOUND' }), '')
          else if (all) done(null, found)
          else done(null, first.address, first.family)
        },
        () => done(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }), ''),
      )
    }

  return {
    fault: faultOf,

    post(text, headers, body) {
      if (faultOf(text) !== null) return Promise.resolve({ status: null, error: 'not_allowed' })
      const url = new URL(text)
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest
      const length = String(Buffer.byteLength(body))
      const asked: RequestOptions = {
        method: 'POST',
        headers: { ...headers, 'content-length': length },
        agent: false,
        lookup: lookup(url),
        maxHeaderSize: 16 * 1024,
      }
      return exchange(send(url, asked), body)
    },
  }
}

const exchange = (request: ClientRequest, body: string): Promise<Answered> =>
  new Promise((resolve) => {
    let status: number | null = null
    let late = false
    const giveUp = () => {
      late = true
      request.destroy()
    }
    const connecting = setTimeout(giveUp, connectMs)
    const whole = setTimeout(giveUp, totalMs)
    const end = (error: Answered['error']) => {
      clearTimeout(connecting)
      clearTimeout(whole)
      // Whoever has answered has the message, however long the rest of the answer would be.
      resolve(status === null ? { status, error } : { status, error: null })
      request.destroy()
    }
    request.on('socket', (socket) => {
      const event = 'encrypted' in socket ? 'secureConnect' : 'connect'
      socket.once(event, () => clearTimeout(connecting))
    })
    request.on('response', (response) => {
      status = response.statusCode ?? null
      let read = 0
      response.on('data', (part: Buffer) => {
        read += part.length
        if (read > longestAnswer) end(null)
      })
      response.on('close', () => end('unreachable'))
      response.on('error', () => {})
    })
    request.on('error', (error) => end(late ? 'timeout' : reasonOf(error)))
    request.on('close', () => end(late ? 'timeout' : 'unreachable'))
    request.end(body)
  })

const reasonOf = (error: NodeJS.ErrnoException): Answered['error'] => {
  const code = error.code ?? (error as AggregateError).errors?.[0]?.code ?? ''
  if (code === refused) return 'not_allowed'
  if (code === 'ENOTFOUND') return 'not_found'
  if (code === 'ETIMEDOUT') return 'timeout'
  return /CERT|TLS|SSL|ALTNAME|SIGNATURE|EPROTO|ISSUER/.test(code) ? 'tls' : 'unreachable'
}
