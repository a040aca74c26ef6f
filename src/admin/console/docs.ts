import Router from '@koa/router'
import type { Context } from 'koa'
import { openApi } from '#src/api/index.ts'
import { managementApi } from '../api/described.ts'
import type { Operation } from '../contract.ts'
import type { Frame } from './frame.ts'
import type { ConsolePage } from './pages.ts'

interface Schema {
  type?: string | readonly string[]
  enum?: readonly unknown[]
  const?: unknown
  format?: string
  description?: string
  properties?: Record<string, Schema>
  required?: readonly string[]
  items?: Schema
  anyOf?: readonly Schema[]
  additionalProperties?: Schema | boolean
  default?: unknown
}

/** One member of what is sent or answered. */
export interface Member {
  depth: number
  name: string
  type: string
  required: boolean
  description: string
}

interface Described {
  operationId: string
  tags: readonly [string]
  summary: string
  security: readonly [{ oauth: readonly [string] }]
  parameters: readonly {
    name: string
    in: string
    required: boolean
    description?: string
    schema: Schema
  }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>
}

export interface DocsPage extends ConsolePage {
  base: string
  groups: readonly {
    name: string
    operations: readonly {
      id: string
      method: string
      path: string
      summary: string
      scope: string
      parameters: readonly { name: string; in: string; type: string; description: string }[]
      body: readonly Member[]
      status: string
      answer: readonly Member[]
    }[]
  }[]
}

/** The documentation of the API for people: drawn from its own document, on our own origin. */
export const docsRoutes = (frame: Frame, operations: readonly Operation[], baseUrl: string) => {
  const router = new Router()
  let groups: DocsPage['groups'] | null = null

  router.get('/api/docs', async (koa) => {
    groups ??= grouped(operations, baseUrl)
    frame.show<DocsPage>(koa as unknown as Context, 'admin/docs', {
      base: `${baseUrl}/api`,
      groups,
    })
  })
  return router
}

const grouped = (operations: readonly Operation[], baseUrl: string): DocsPage['groups'] => {
  const paths = openApi(operations, managementApi(baseUrl)).paths as Record<
    string,
    Record<string, Described>
  >
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, each]) => drawn(method.toUpperCase(), path, each)),
  )
  const names = [...new Set(all.map(({ id }) => id.split('.')[0]!))]
  return names.map((name) => ({
    name,
    operations: all.filter(({ id }) => id.startsWith(`${name}.`)),
  }))
}

const drawn = (method: string, path: string, each: Described) => {
  const [status = '204', done] = Object.entries(each.responses)[0] ?? []
  return {
    id: each.operationId,
    method,
    path,
    summary: each.summary,
    scope: each.security[0].oauth[0],
    parameters: each.parameters.map(({ name, in: where, schema, description = '' }) => ({
      name,
      in: where,
      type: typeOf(schema),
      description,
    })),
    body: members(schemaIn(each.requestBody?.content)),
    status,
    answer: members(schemaIn(done?.content)),
  }
}

const schemaIn = (content: Record<string, { schema: Schema }> | undefined): Schema =>
  content?.['application/json']?.schema ?? {}

const deepest = 4

const members = (schema: Schema, depth = 0): Member[] => {
  if (depth > deepest) return []
  const inner = schema.items ?? schema.anyOf?.find(({ properties }) => properties) ?? schema
  if (inner !== schema && !schema.properties) return members(inner, depth)
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) => [
    {
      depth,
      name,
      type: typeOf(each),
      required: schema.required?.includes(name) === true,
      description: each.description ?? '',
    },
    ...members(each, depth + 1),
  ])
}

const typeOf = (schema: Schema): string => {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ')
  if (schema.items) return `list of ${typeOf(schema.items)}`
  const types = [schema.type ?? 'anything'].flat().join(' | ')
  return schema.format ? `${types} (${schema.format})` : types
}
