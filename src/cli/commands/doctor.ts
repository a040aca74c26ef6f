import type { Command } from 'commander'
import type { Told } from '../../admin/index.ts'
import { asking, type Common, withCalls } from '../command.ts'
import { runningServer } from '../connect.ts'
import { exitCodes } from '../failure.ts'
import { plain, say, sayJson, warn } from '../print.ts'

const marks = { ok: '✓', advice: '!', fault: '✗', skipped: '–' } as const

const show = (findings: readonly Told[]): void => {
  for (const { state, title, says, mend } of findings) {
    say(`${marks[state]} ${title}: ${plain(says)}`)
    if (mend) say(`    ${plain(mend)}`)
  }
}

const doctor = async ({ json, bundle, ...place }: Common & { bundle?: boolean }): Promise<void> => {
  if (bundle) {
    await withCalls(place, async ({ call }) => sayJson(await call('system.bundle')))
    return
  }
  const { examineHere, examineServer } = await import('../examine.ts')
  const here = place.url === undefined && (await isHere())
  const findings = here ? await examineHere() : await withCalls(place, examineServer)
  if (json) sayJson(findings)
  else show(findings)
  const faults = findings.filter(({ state }) => state === 'fault').length
  if (faults === 0) return
  process.exitCode = exitCodes.refused
  if (!json) warn(faults === 1 ? 'There is one fault.' : `There are ${faults} faults.`)
}

/** False where a server has the embedded database open, and true where not even that can be told. */
const isHere = async (): Promise<boolean> => {
  try {
    return (await runningServer({})) === null
  } catch {
    return true
  }
}

/** `doctor` */
export const doctorCommand = (): Command =>
  asking('doctor')
    .description(
      'look for what is wrong, and say how to mend it; ends with 1 where there is a fault',
    )
    .option('--bundle', 'print what helpers want to know as JSON, without secrets')
    .action(doctor)
