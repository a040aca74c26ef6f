import { Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { Problem } from '#src/lib/problem.ts'
import { mostBytes } from '#src/works/index.ts'
import type { Caller, Operation } from './contract.ts'
import type { Execute } from './execute.ts'
import { type DescribedApi, openApi } from './openapi.ts'

export interface ApiDeps<Actor extends Caller, Scope extends string> {
  /** Where it is, such as `/api`. */
  prefix: string
  described: DescribedApi
  operations: readonly Operation<Actor, Scope>[]
  run: Execute<Actor, Scope>
  /** Who calls. @throws Problem `unauthenticated` */
  readActor: (ctx: Context) => Promise<Actor>
  /** Looks at what a call came to nothing for, and may say more in the answer's headers. */
  onProblem?: (ctx: Context, problem: Problem) => void
}

/** An API over HTTP: the operations, and the document that describes them. */
export const apiRoutes = <Actor extends Caller, Scope extends string>(
  deps: ApiDeps<Actor, Scope>,
): Middleware => {
  const router = new Router({ prefix: deps.prefix })
  // Made when it is first asked for: a start has better things to do.
  let document: string | null = null

  router.use(async (ctx, next) => {
    // Whoever calls is a program, whatever it accepts.
    ctx.state.program = true
    try {
      await next()
    } catch (error) {
      if (error instanceof Problem) deps.onProblem?.(ctx as unknown as Context, error)
      throw error
    }
  })
  router.get('/openapi.json', async (ctx) => {
    ctx.state.program = false
    ctx.type = 'json'
    document ??= JSON.stringify(openApi(deps.operations, deps.described))
    ctx.body = document
  })
  const add = (operation: Operation<Actor, Scope>) =>
    router.register(pattern(operation.path), [operation.method], async (ctx) =>
      answer(deps, operation, ctx as unknown as Context),
    )
  // Files go past the parser, which would hold them as a whole.
  const takesFile = ({ receives }: Operation<Actor, Scope>) => receives !== undefined
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

const answer = async <Actor extends Caller, Scope extends string>(
  deps: ApiDeps<Actor, Scope>,
  operation: Operation<Actor, Scope>,
  ctx: Context,
): Promise<void> => {
  const actor = await deps.readActor(ctx)
  const { status, body, stream } = await deps.run(
    operation,
    actor,
    {
      params: ctx.params,
      query: ctx.query,
      body: readBody(operation, ctx),
      file: readFile(operation, ctx),
      version: readVersion(operation, ctx.get('if-match')),
      idempotencyKey: readKey(operation, ctx.get('idempotency-key')),
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

type Shape = Pick<Operation<never, string>, 'body' | 'receives'>

/** @throws Problem `unsupported_media_type` for a body that is no JSON */
const readBody = ({ receives }: Shape, ctx: Context): unknown => {
  if (receives) return undefined
  const sent = Number(ctx.get('content-length') || 0) > 0 || ctx.get('transfer-encoding') !== ''
  if (sent && !ctx.is('json')) throw new Problem('unsupported_media_type')
  return ctx.request.body
}

/** @throws Problem `unsupported_media_type`, `too_large`; while it is read, `bad_request` where it breaks off */
const readFile = ({ receives }: Shape, ctx: Context): AsyncIterable<Buffer> | undefined => {
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
const readVersion = (
  { method, versioned }: Pick<Operation<never, string>, 'method' | 'versioned'>,
  header: string,
): number | null => {
  if (header === '' || header === '*' || method === 'GET') return null
  // To take no notice would be to overwrite what the caller has not seen.
  if (!versioned) throw new Problem('bad_request', { detail: 'This has no versions to match.' })
  const version = /^"(\d{1,9})"$/.exec(header)?.[1]
  if (!version) throw new Problem('bad_request', { detail: 'If-Match has to be an ETag of this.' })
  return Number(version)
}

/** @throws Problem `bad_request` for what is no key, or where a file comes that could be another */
const readKey = (
  { method, receives }: Pick<Operation<never, string>, 'method' | 'receives'>,
  header: string,
): string | null => {
  if (header === '' || method !== 'POST') return null
  // To know that it is the same request, the whole file would have to be read first.
  if (receives) {
    throw new Problem('bad_request', { detail: 'A file takes no Idempotency-Key. Leave it out.' })
  }
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw new Problem('bad_request', { detail: 'Idempotency-Key has to be 1 to 255 characters.' })
}
