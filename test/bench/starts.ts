import { setTimeout as sleep } from 'node:timers/promises'
import type { Scope } from '../support/scope.ts'
import { type Server, startServer } from '../support/server.ts'
import type { Repeated, StartMeasure } from './figures.ts'
import { cpuMs, residentMb } from './measure.ts'

const repeats = 3
/** What a start leaves behind has been collected by then. */
const restMs = 5000
const pollMs = 5

/** Milliseconds from the start of the process to its first answer, and how many of them it worked. */
const firstAnswer = async (server: Server) => {
  const begun = performance.now()
  const url = `${server.issuer}/.well-known/openid-configuration`
  const started = server.start()
  while (!(await server.fetch(url).catch(() => null))?.ok) await sleep(pollMs)
  const answer = { tookMs: performance.now() - begun, cpuMs: cpuMs(server.pid()) }
  await started
  return answer
}

const rounded = (values: readonly number[]) => values.map((value) => value.toFixed(0)).join(', ')

const several = async (server: Server) => {
  const answers: Awaited<ReturnType<typeof firstAnswer>>[] = []
  const memory: number[] = []
  for (let n = 0; n < repeats; n++) {
    await server.stop()
    answers.push(await firstAnswer(server))
    await sleep(restMs)
    memory.push(residentMb(server.pid()))
  }
  return { answers, memory }
}

/** Starts of a server whose database is ready, and of one that brings its own. */
export const measureStarts = async (
  scope: Scope,
  server: Server,
): Promise<Record<StartMeasure, Repeated>> => {
  const postgres = await several(server)
  const own = await startServer(scope, { kind: 'embedded' })
  const embedded = await several(own)
  await own.stop()
  return {
    'memory at rest, PostgreSQL': { values: postgres.memory, note: '' },
    'memory at rest, embedded': { values: embedded.memory, note: '' },
    'first answer, PostgreSQL': {
      values: postgres.answers.map(({ tookMs }) => tookMs),
      note: `, of which it worked ${rounded(postgres.answers.map((each) => each.cpuMs))} ms`,
    },
  }
}
