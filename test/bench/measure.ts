/** What processes use, from `/proc`: Linux only. */
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const msPerTick = 10

/** Fields of `/proc/<pid>/stat` after the name, which may hold anything; see proc(5). */
const stat = (pid: number | string): { parent: number; ticks: number; childTicks: number } => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  return { parent: Number(fields[1]), ticks: utime + stime, childTicks: cutime + cstime }
}

/** CPU time of a process since its start, all threads. */
export const cpuMs = (pid: number): number => stat(pid).ticks * msPerTick

/** Resident memory of a process, in MB of 10^6 bytes. */
export const residentMb = (pid: number): number => {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}

/** CPU time of everything that runs on this machine. */
export const machineCpuMs = (): number => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq + steal) * msPerTick
}

/** CPU time of all processes of a PostgreSQL server, those that have ended included. */
const familyCpuMs = (postmaster: number): number => {
  const own = stat(postmaster)
  let ticks = own.ticks + own.childTicks
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const each = stat(name)
      if (each.parent === postmaster) ticks += each.ticks
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks * msPerTick
}

export interface DatabaseMeter {
  /** CPU time of the whole server, and what it has committed. */
  read(): Promise<{ cpuMs: number; commits: number }>
  close(): Promise<void>
}

/** Watches the PostgreSQL server behind a URL, which runs on this machine. */
export const databaseMeter = async (url: string): Promise<DatabaseMeter> => {
  const database = new pg.Client(url)
  await database.connect()
  const backend = await database.query<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = stat(backend.rows[0]!.pid).parent
  return {
    async read() {
      const { rows } = await database.query<{ commits: string }>(
        'select xact_commit as commits from pg_stat_database where datname = current_database()',
      )
      return { cpuMs: familyCpuMs(postmaster), commits: Number(rows[0]!.commits) }
    },
    close: () => database.end(),
  }
}
