import { setTimeout as sleep } from 'node:timers/promises'
import type { Scope } from '../support/scope.ts'
import { type Server, startServer } from '../support/server.ts'
import type { StartMeasure } from './figures.ts'
import { residentMb } from './measure.ts'

const repeats = 3
/** What a start leaves behind has been collected by then. */
const restMs = 5000
const pollMs = 5

/** Milliseconds from the start of the process to its first answer. */
const firstAnswer = async (server: Server): Promise<number> => {
  const begun = performance.now()
  const url = `${server.issuer}/.well-known/openid-configuration`
  const started = server.start()
  while (!(await server.fetch(url).catch(() => null))?.ok) await sleep(pollMs)
  const took = performance.now() - begun
  await started
  return took
}

const several = async (server: Server) => {
  const answers: number[] = []
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
): Promise<Record<StartMeasure, number[]>> => {
  const postgres = await several(server)
  const own = await startServer(scope, { kind: 'embedded' })
  const embedded = await several(own)
  await own.stop()
  return {
    'memory at rest, PostgreSQL': postgres.memory,
    'memory at rest, embedded': embedded.memory,
    'first answer, PostgreSQL': postgres.answers,
  }
}
