import type { Asked, Calls } from './contract.ts'
import { CommandFailure, refused } from './failure.ts'
import { request } from './request.ts'

export interface Credentials {
  clientId: string
  secret: string
}

export interface RemoteOptions {
  /** Public origin, without a slash at its end. */
  baseUrl: string
  credentials: Credentials
}

interface Route {
  method: string
  path: string
}

interface Document {
  paths: Record<string, Record<string, { operationId: string }>>
  components: {
    securitySchemes: { oauth: { flows: { clientCredentials: { scopes: Record<string, string> } } } }
  }
}

interface Problem {
  title: string
  code: string
  detail?: string
  errors?: { path: string; message: string }[]
}

/** As long as the server is patient with a file. */
const uploadMs = 15 * 60_000

const latest = 'The server is perhaps of another release than these commands.'

/**
 * Runs operations over HTTP, by client credentials. Which there are, and where, is what the server's
 * own document says.
 *
 * @throws CommandFailure when nobody answers, or the credentials are not taken
 */
export const openRemotely = async ({ baseUrl, credentials }: RemoteOptions): Promise<Calls> => {
  const document = await readDocument(baseUrl)
  const routes = new Map<string, Route>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { operationId }] of Object.entries(methods)) {
      routes.set(operationId, { method: method.toUpperCase(), path })
    }
  }
  const { scopes } = document.components.securitySchemes.oauth.flows.clientCredentials
  let token: Promise<Token> | null = null

  /** Whoever follows an import may need several, one after the other. */
  const bearer = async (): Promise<string> => {
    if (!token || (await token).until <= Date.now()) {
      token = askToken(baseUrl, credentials, Object.keys(scopes))
    }
    return (await token).text
  }

  const ask = async (operationId: string, asked: Asked = {}): Promise<Response> => {
    const route = routes.get(operationId)
    if (!route) throw new CommandFailure(`${baseUrl} can not do ${operationId}. ${latest}`)
    const { type, body } = contentOf(asked)
    const answer = await request(
      baseUrl + addressOf(route.path, asked),
      {
        method: route.method,
        headers: {
          authorization: `Bearer ${await bearer()}`,
          ...(type === null ? {} : { 'content-type': type }),
        },
        body,
        duplex: 'half',
      },
      asked.file ? uploadMs : undefined,
    )
    if (answer.ok) return answer
    throw refusalOf(answer.status, await answer.text(), baseUrl)
  }

  return {
    baseUrl,
    remote: true,

    async call<T>(operationId: string, asked?: Asked): Promise<T> {
      const text = await (await ask(operationId, asked)).text()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },

    async text(operationId, asked) {
      const { body } = await ask(operationId, asked)
      return body!.pipeThrough(new TextDecoderStream())
    },

    // The server does it.
    work() {},
    async close() {},
  }
}

const contentOf = ({ file, body }: Asked) => {
  if (file) return { type: file.type, body: file.chunks as never }
  if (body === undefined) return { type: null, body: null }
  return { type: 'application/json', body: JSON.stringify(body) }
}

const addressOf = (path: string, { params = {}, query = {} }: Asked): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(params[name] ?? ''))
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(
    given.map(([name, value]): [string, string] => [name, String(value)]),
  )
  return `/api${filled}${given.length > 0 ? `?${search}` : ''}`
}

const readDocument = async (baseUrl: string): Promise<Document> => {
  const answer = await request(`${baseUrl}/api/openapi.json`)
  const document = (answer.ok ? await answer.json().catch(() => null) : null) as Document | null
  if (document?.components?.securitySchemes?.oauth) return document
  throw new CommandFailure(
    `${baseUrl} answers, but not as Avouch (${answer.status}). Give the public origin of the server, such as https://id.example.com.`,
  )
}

interface Granted {
  access_token?: string
  expires_in?: number
  error?: string
  error_description?: string
  title?: string
}

interface Token {
  text: string
  /** From then on, a new one is asked for: a little before it ends. */
  until: number
}

const marginSeconds = 60

const askToken = async (
  baseUrl: string,
  { clientId, secret }: Credentials,
  scopes: readonly string[],
): Promise<Token> => {
  // RFC 6749, section 2.3.1: both are encoded as in a form before they are joined.
  const encoded = [clientId, secret].map((each) => encodeURIComponent(each)).join(':')
  const answer = await request(`${baseUrl}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(encoded).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: `${baseUrl}/api`,
      scope: scopes.join(' '),
    }),
  })
  const body = (await answer.json().catch(() => ({}))) as Granted
  if (answer.ok && body.access_token) {
    const lives = (body.expires_in ?? 0) - marginSeconds
    return { text: body.access_token, until: Date.now() + lives * 1000 }
  }
  const why = body.error_description ?? body.error ?? body.title ?? String(answer.status)
  throw new CommandFailure(
    `${baseUrl} does not take the credentials of the client ${clientId} (${why}). ${setRight(clientId)}`,
  )
}

const setRight = (clientId: string): string =>
  clientId === 'management'
    ? 'Set MANAGEMENT_CLIENT_SECRET to the value that the server has.'
    : 'Check --client-id and AVOUCH_CLIENT_SECRET; the client needs the grant type client_credentials.'

const refusalOf = (status: number, text: string, baseUrl: string): CommandFailure => {
  const problem = readProblem(text)
  if (!problem) return new CommandFailure(`${baseUrl} answered ${status}. Try again in a moment.`)
  const { code, title, detail, errors } = problem
  if (status >= 500) return new CommandFailure(detail ? `${title} ${detail}` : title, { code })
  return refused(code, title, detail, errors)
}

const readProblem = (text: string): Problem | null => {
  try {
    const parsed = JSON.parse(text)
    return typeof parsed?.code === 'string' && typeof parsed.title === 'string' ? parsed : null
  } catch {
    return null
  }
}
