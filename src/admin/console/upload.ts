import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { Busboy } from '@fastify/busboy'
import type { Context } from 'koa'
import { Problem } from '#src/lib/problem.ts'

/** A form with one file, which comes after all fields. */
export interface Upload {
  /** Empty when it was not sent. */
  text(name: string): string
  /** As it comes; null where nobody has chosen one. */
  file: AsyncIterable<Buffer> | null
  /** Reads what is left to no end, so that the browser hears the answer. */
  forget(): void
}

const limits = { fields: 20, fieldSize: 65_536, fieldNameSize: 100, files: 1, parts: 21 }

/**
 * Reads a form of type `multipart/form-data` up to its file.
 *
 * @throws Problem `unsupported_media_type`, `bad_request`
 */
export const readUpload = async (ctx: Context): Promise<Upload> => {
  const type = ctx.get('content-type')
  if (!ctx.is('multipart/form-data')) throw new Problem('unsupported_media_type')
  const fields = new Map<string, string>()
  const parser = parserOf(type)
  parser.on('field', (name, value) => fields.set(name, value))
  const gone = new AbortController()
  // Whoever reads the file hears of it, also where it broke before they began.
  parser.on('file', (_name, file) => {
    const broken = (error: Error) => file.destroy(error)
    file.on('error', broken)
    parser.on('error', broken)
  })
  parser.on('error', () => {})
  const forget = () => {
    ctx.req.unpipe(parser)
    ctx.req.resume()
  }
  const chosen = once(parser, 'file', { signal: gone.signal }).then(
    ([, file, name]: unknown[]) => ({ file: file as Readable, name: name as string | undefined }),
  )
  ctx.req.once('close', () => {
    if (!ctx.req.complete) parser.destroy(new Error('The request broke off'))
  })
  ctx.req.pipe(parser)
  try {
    const found = await Promise.race([chosen, once(parser, 'finish').then(() => null)])
    // Without a choice, browsers send a file without a name.
    const file = found?.name ? partsOf(found.file) : null
    if (found && !file) found.file.resume()
    return { text: (name) => fields.get(name) ?? '', file, forget }
  } catch (cause) {
    forget()
    throw new Problem('bad_request', { cause })
  } finally {
    gone.abort()
    chosen.catch(() => {})
  }
}

const parserOf = (type: string) => {
  try {
    return new Busboy({ headers: { 'content-type': type }, limits })
  } catch (cause) {
    throw new Problem('bad_request', { cause })
  }
}

async function* partsOf(file: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const part of file) yield part as Buffer
  } catch (cause) {
    throw new Problem('bad_request', { cause })
  }
}
