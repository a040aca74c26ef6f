import { Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import { mostBytes } from '#src/works/index.ts'
import { type BearerDeps, readActor } from '../access/bearer.ts'
import type { Operation } from '../contract.ts'
import type { execute } from '../execute.ts'
import { openApi } from './openapi.ts'

export interface ApiDeps extends BearerDeps {
  baseUrl: string
  operations: readonly Operation[]
  run: ReturnType<typeof execute>
}

/** The management API below `/api`: the operations, and the document that describes them. */
export const apiRoutes = (deps: ApiDeps): Middleware => {
  const router = new Router({ prefix: '/api' })
  // Made when it is first asked for: a start has better things to do.
  let document: string | null = null

  router.use(async (ctx, next) => {
    // Whoever calls is a program, whatever it accepts.
    ctx.state.program = true
    await next()
  })
  router.get('/openapi.json', async (ctx) => {
    ctx.state.program = false
    ctx.type = 'json'
    document ??= JSON.stringify(openApi(deps.operations, deps.baseUrl))
    ctx.body = document
  })
  const add = (operation: Operation) =>
    router.register(pattern(operation.path), [operation.method], async (ctx) =>
      answer(deps, operation, ctx as unknown as Context),
    )
  // Files go past the parser, which would hold them as a whole.
  const takesFile = ({ receives }: Operation) => receives !== undefined
  deps.operations.filter(takesFile).forEach(add)
  router.use(
    bodyParser({ enableTypes: ['json'], jsonLimit: '256kb', encoding: 'utf-8', onError: notRead }),
  )
  deps.operations.filter((each) => !takesFile(each)).forEach(add)
  const routes = router.routes() as unknown as Middleware
  const otherMethods = router.allowedMethods() as unknown as Middleware
  return (ctx, next) => routes(ctx, () => otherMethods(ctx, next))
}

const notRead = (error: Error): never => {
  if ((error as { status?: number }).status !== 400) throw error
  throw new Problem('bad_request', { detail: 'The body is no JSON object.', cause: error })
}

const pattern = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

const answer = async (deps: ApiDeps, operation: Operation, ctx: Context): Promise<void> => {
  const actor = await readActor(deps, ctx)
  const { status, body, stream } = await deps.run(
    operation,
    actor,
    {
      params: ctx.params,
      query: ctx.query,
      body: readBody(operation, ctx),
      file: readFile(operation, ctx),
      version: readVersion(operation, ctx.get('if-match')),
      idempotencyKey: operation.method === 'POST' ? readKey(ctx.get('idempotency-key')) : null,
    },
    { address: ctx.state.address, reference: ctx.state.reference },
  )
  ctx.status = status
  if (stream) {
    ctx.attachment(stream.filename)
    ctx.type = stream.type
    ctx.body = Readable.from(stream.chunks)
    return
  }
  const version = (body as { version?: unknown } | undefined)?.version
  if (typeof version === 'number') ctx.set('etag', `"${version}"`)
  if (body === undefined) return
  ctx.type = 'json'
  ctx.body = JSON.stringify(body)
}

/** @throws Problem `unsupported_media_type` for a body that is no JSON */
const readBody = ({ receives }: Operation, ctx: Context): unknown => {
  if (receives) return undefined
  const sent = Number(ctx.get('content-length') || 0) > 0 || ctx.get('transfer-encoding') !== ''
  if (sent && !ctx.is('json')) throw new Problem('unsupported_media_type')
  return ctx.request.body
}

/** @throws Problem `unsupported_media_type`, `too_large`; while it is read, `bad_request` where it breaks off */
const readFile = ({ receives }: Operation, ctx: Context): AsyncIterable<Buffer> | undefined => {
  if (!receives) return undefined
  if (!ctx.is([...receives])) throw new Problem('unsupported_media_type')
  if (Number(ctx.get('content-length')) > mostBytes) throw new Problem('too_large')
  return wholeOf(ctx.req)
}

async function* wholeOf(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* file
  } catch (cause) {
    throw new Problem('bad_request', { detail: 'The file broke off.', cause })
  }
}

/** @throws Problem `bad_request` for what is no version of ours, or where there are none */
const readVersion = ({ method, versioned }: Operation, header: string): number | null => {
  if (header === '' || header === '*' || method === 'GET') return null
  // To take no notice would be to overwrite what the caller has not seen.
  if (!versioned) throw new Problem('bad_request', { detail: 'This has no versions to match.' })
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (!version) throw new Problem('bad_request', { detail: 'If-Match has to be an ETag of this.' })
  return Number(version)
}

const readKey = (header: string): string | null => {
  if (header === '') return null
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw new Problem('bad_request', { detail: 'Idempotency-Key has to be 1 to 255 characters.' })
}
