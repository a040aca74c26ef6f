import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { formats } from '../../transfer/contract.ts'
import { asking, type Common, withCalls } from '../command.ts'
import type { Calls } from '../contract.ts'
import { CommandFailure, exitCodes, orNotFound } from '../failure.ts'
import { listAll } from '../lists.ts'
import { plain, say, sayJson, table, warn } from '../print.ts'
import { progress } from '../progress.ts'

interface Work {
  id: string
  kind: string
  state: 'uploading' | 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  options: { dryRun?: boolean }
  total: number | null
  done: number
  added: number
  existing: number
  refused: number
  error: string | null
}

interface Refusal {
  line: number
  subject: string | null
  reason: string
}

interface Options extends Common {
  format?: (typeof formats)[number]
  dryRun?: boolean
  report?: string
  resume?: string | true
}

const pauseMs = 500
const mostShown = 20

const types: Record<string, string> = {
  '.csv': 'text/csv',
  '.json': 'application/json',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
}

const isOpen = ({ state }: Work): boolean => ['uploading', 'waiting', 'running'].includes(state)

const run = async (file: string | undefined, options: Options): Promise<void> =>
  withCalls(options, async (calls) => {
    calls.work()
    const begun = options.resume
      ? await findWork(calls, options.resume)
      : await upload(calls, file, options)
    const work = await follow(calls, begun)
    if (options.report !== undefined) await writeReport(calls, work, options.report)
    if (options.json) sayJson(work)
    else await summarise(calls, work, options.report)
    if (work.state !== 'done' || work.refused > 0) process.exitCode = exitCodes.refused
  })

const upload = async (
  { call }: Calls,
  file: string | undefined,
  { format, dryRun = false }: Options,
): Promise<Work> => {
  if (file === undefined || format === undefined) {
    throw new CommandFailure(
      `Say which file, and whose it is with --format (${formats.join(', ')}); or --resume for one that was begun.`,
    )
  }
  const { size } = await stat(file).catch((error: Error) => {
    throw new CommandFailure(`${file} can not be read: ${error.message}.`)
  })
  const bar = progress()
  const chunks = async function* () {
    let sent = 0
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
      sent += chunk.length
      bar.show(sent, size, 'bytes sent')
      yield chunk as Buffer
    }
  }
  try {
    return await call<Work>('users.import', {
      query: { format, dryRun: String(dryRun) },
      file: {
        type: types[extname(file).toLowerCase()] ?? 'application/octet-stream',
        chunks: chunks(),
      },
    })
  } finally {
    bar.end()
  }
}

/** The one with that id; without one, the newest that has not ended. */
const findWork = async (calls: Calls, id: string | true): Promise<Work> => {
  if (id !== true) {
    const words = `There is no import ${id}. It may be so old that it was forgotten.`
    const named = await orNotFound(calls.call<Work>('works.read', { params: { id } }), words)
    if (named.kind === 'users.import') return named
    throw new CommandFailure(words, { code: 'not_found', exitCode: exitCodes.refused })
  }
  const open = (await listAll<Work>(calls, 'works.list', {}, 1000)).filter(isOpen)
  const found = open.find(({ kind }) => kind === 'users.import')
  if (found) return found
  throw new CommandFailure('There is no import that has not ended.', {
    exitCode: exitCodes.refused,
  })
}

/** Shows how far it is until it ends; whoever interrupts it can come back. */
const follow = async ({ call, remote }: Calls, begun: Work): Promise<Work> => {
  const bar = progress()
  const leave = new AbortController()
  const interrupt = () => leave.abort()
  process.once('SIGINT', interrupt)
  let work = begun
  try {
    while (isOpen(work)) {
      const words = work.refused > 0 ? `${work.refused} refused` : ''
      bar.show(work.done, work.total, words)
      await sleep(pauseMs, undefined, { signal: leave.signal }).catch(() => {})
      work = await call<Work>('works.read', { params: { id: begun.id } }).catch((error) => {
        throw remote ? lost(error, work) : error
      })
      if (leave.signal.aborted) throw new CommandFailure(left(work, remote))
    }
    bar.show(work.done, work.total, '')
    return work
  } finally {
    process.off('SIGINT', interrupt)
    bar.end()
  }
}

const left = ({ id }: Work, remote: boolean): string =>
  remote
    ? `The server goes on with it. \`npx avouch users import --resume ${id}\` shows how far it is.`
    : `It stands where it is. \`npx avouch users import --resume ${id}\` goes on, and so does a server that is started.`

/** The server may be asked again in a moment, and has not forgotten it. */
const lost = (error: unknown, work: Work): unknown =>
  error instanceof CommandFailure
    ? new CommandFailure(`${error.message}\n${left(work, true)}`, error)
    : error

const summarise = async (calls: Calls, work: Work, report: string | undefined): Promise<void> => {
  const { id, state, options, total, added, existing, refused, error } = work
  if (state === 'failed') warn(`The import has failed: ${plain(error ?? '')}`)
  if (state === 'cancelled') warn('The import was cancelled.')
  const would = options.dryRun ? 'would be added' : 'added'
  say(`${total ?? 0} people: ${added} ${would}, ${existing} there already, ${refused} refused.`)
  if (refused === 0) return
  const shown = await listAll<Refusal>(calls, 'works.refusals', { params: { id } }, mostShown)
  warn(table(shown.map(({ line, subject, reason }) => [`line ${line}`, subject ?? '', reason])))
  if (report !== undefined) warn(`All of them are in ${report}.`)
  else if (refused > shown.length) warn(`These are ${shown.length}; --report <file> writes all.`)
}

const writeReport = async (calls: Calls, { id }: Work, file: string): Promise<void> => {
  const chunks = await calls.text('works.report', { params: { id } })
  await pipeline(Readable.from(chunks), createWriteStream(file, { mode: 0o600 }))
}

/** `users import` */
export const importCommand = (): Command =>
  asking('import')
    .description('add the people of a file; whoever is there already stays as they are')
    .argument('[file]')
    .addOption(new Option('--format <whose>', 'whose file it is').choices(formats))
    .option('--dry-run', 'add nobody, and say what would come of it')
    .option('--report <file>', 'write what was refused there, as CSV')
    .option('--resume [id]', 'follow, or go on with, one that was begun')
    .action(run)
