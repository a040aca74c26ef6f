import { z } from 'zod'
import { problems } from '#src/lib/problem.ts'
import type { Operation as AnyOperation } from './contract.ts'

/** Who calls does not matter to what is called. */
type Operation = Omit<AnyOperation<never, string>, 'run' | 'prepare' | 'note'>

type Json = Record<string, unknown>

const problem = {
  description: 'What went wrong (RFC 9457).',
  content: {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  },
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'reference'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string', description: 'Words for people, safe to show.' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(problems), description: 'Stable, for programs.' },
    detail: { type: 'string' },
    reference: { type: 'string', description: 'Finds the request in the logs.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}

/** What is said of an API as a whole. */
export interface DescribedApi {
  title: string
  url: string
  /** How tokens for it are come by, as OpenAPI has it. */
  flows: Json
}

/** A flow with the scopes that operations have. */
export const flowOf = (scopes: readonly string[], endpoints: Json): Json => ({
  ...endpoints,
  scopes: Object.fromEntries(scopes.map((scope) => [scope, ''])),
})

/** The document of an API (OpenAPI 3.1), from the schemas that check what comes and goes. */
export const openApi = (operations: readonly Operation[], api: DescribedApi): Json => {
  const paths: Record<string, Json> = {}
  for (const each of operations) {
    paths[each.path] = { ...paths[each.path], [each.method.toLowerCase()]: describe(each) }
  }
  return {
    openapi: '3.1.0',
    info: { title: api.title, version: '1' },
    servers: [{ url: api.url }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: {
        oauth: { type: 'oauth2', flows: api.flows },
      },
    },
  }
}

const stepUp = 'Whoever asks as a person must have signed in within the last five minutes.'

const describe = (operation: Operation): Json => {
  const { id, scope, summary, body, answer, streams, receives } = operation
  const { status = answer || streams ? 200 : 204, destructive } = operation
  return {
    operationId: id,
    tags: [id.split('.')[0]],
    summary,
    ...(destructive ? { description: stepUp } : {}),
    security: [{ oauth: [scope] }],
    parameters: [
      ...parameters('path', operation.params),
      ...parameters('query', operation.query),
      ...headers(operation),
    ],
    ...(body ? { requestBody: { required: true, content: json(toJson(body, 'input')) } } : {}),
    ...(receives ? { requestBody: { required: true, content: anyOf(receives) } } : {}),
    responses: {
      [status]: {
        description: answer ? 'Done; what it is now.' : 'Done.',
        ...(answer ? { content: json(toJson(answer, 'output')) } : {}),
        ...(streams ? { content: anyOf(streams) } : {}),
      },
      default: problem,
    },
  }
}

const anyOf = (types: readonly string[]): Json =>
  Object.fromEntries(types.map((type) => [type, {}]))

const json = (schema: Json): Json => ({ 'application/json': { schema } })

const toJson = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

const parameters = (where: 'path' | 'query', schema: z.ZodType | undefined): Json[] => {
  if (!schema) return []
  const { properties = {}, required = [] } = toJson(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(description ? { description } : {}),
    schema: rest,
  }))
}

const header = (name: string, description: string): Json => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
})

const headers = ({ method, versioned, receives }: Operation): Json[] => [
  ...(method === 'POST' && !receives
    ? [header('Idempotency-Key', 'Sent again with the same key, it is done once.')]
    : []),
  ...(versioned
    ? [header('If-Match', 'The ETag of what was read: a change made meanwhile is not lost.')]
    : []),
]
