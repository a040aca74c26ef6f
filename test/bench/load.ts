/**
 * The load, as a process of its own: browsers, relying parties, and the vendor that delivers text
 * messages. A closed loop: each worker asks, waits for the answer, and asks again.
 */
import { accepts, startTwilio } from '../support/twilio-double.ts'
import type { Target } from './setting.ts'
import { type Work, type WorkloadName, type Workloads, workloads } from './workloads.ts'

export type Order =
  | { do: 'prepare'; target: Target; workers: number }
  | { do: 'load'; target: Target['name']; name: WorkloadName; workers: number; until: Until }

/** Both have to be reached, but nothing lasts longer than `most` seconds. */
export interface Until {
  seconds: number
  requests: number
  most: number
}

export interface Loaded {
  requests: number
  seconds: number
  /** Milliseconds, unsorted. */
  latencies: number[]
  /** What this process itself has used. */
  cpuMs: number
}

/** Waits for the code in the next text message to a number. */
const textMessages = async () => {
  const waiting = new Map<string, (code: string) => void>()
  const vendor = await startTwilio({ after: (clean) => process.once('disconnect', clean) })
  vendor.answer = (response, asked) => {
    const { To = '', Body = '' } = asked.form
    vendor.asked.length = 0
    waiting.get(To)?.(/\b\d{6}\b/.exec(Body)![0])
    waiting.delete(To)
    accepts(response, asked)
  }
  const read = (phone: string) =>
    new Promise<string>((resolve) => {
      waiting.set(phone, resolve)
    })
  return { baseUrl: vendor.baseUrl, read }
}

const load = async (work: Work, workers: number, until: Until): Promise<Loaded> => {
  const latencies: number[] = []
  const cpu = process.cpuUsage()
  const begun = performance.now()
  const goesOn = (now: number) => {
    const seconds = (now - begun) / 1000
    const enough = seconds >= until.seconds && latencies.length >= until.requests
    return !enough && seconds < until.most
  }
  const one = async (worker: number) => {
    for (let asked = performance.now(); goesOn(asked); asked = performance.now()) {
      if (!(await work(worker))) return
      latencies.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => one(worker)))
  const { user, system } = process.cpuUsage(cpu)
  return {
    requests: latencies.length,
    seconds: (performance.now() - begun) / 1000,
    latencies,
    cpuMs: (user + system) / 1000,
  }
}

const vendor = await textMessages()
const targets = new Map<Target['name'], Workloads>()

const follow = async (order: Order): Promise<Loaded | null> => {
  if (order.do === 'prepare') {
    const made = workloads(order.target, vendor.read)
    targets.set(order.target.name, made)
    await made.prepare(order.workers)
    return null
  }
  const { work, begin } = targets.get(order.target)!
  begin(order.name)
  return load(work[order.name], order.workers, order.until)
}

process.on('message', (order: Order) => {
  follow(order).then(
    (answer) => process.send!({ answer }),
    (error: Error) => process.send!({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit(0))
process.send!({ answer: { vendor: vendor.baseUrl } })
