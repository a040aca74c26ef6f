/**
 * A whole configuration at once, in the format of `CONFIG_FILE`: written from what there is, compared
 * with it, and made so, through the operations that an admin would use.
 */
import type { Db } from '#src/db/contract.ts'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { MessagingManagement } from '#src/messaging/index.ts'
import type { Webhooks } from '#src/webhooks/index.ts'
import { clientStep } from './client-step.ts'
import { connectorStep } from './connector-step.ts'
import type { Change, Compared, MadeSecret, Run, Step } from './contract.ts'
import { settingsStep } from './settings-step.ts'
import { readState } from './state.ts'
import { readWanted } from './wanted.ts'
import { webhookStep } from './webhook-step.ts'

export type { Change, MadeSecret, Run } from './contract.ts'
export { type Exported, type Variable, writeState } from './document.ts'
export { readState } from './state.ts'

export interface ConfigurationDeps {
  management: Pick<MessagingManagement, 'validate' | 'connectors'>
  webhooks: Pick<Webhooks, 'hasSecret'>
  production: boolean
}

/** What a file would change. @throws Problem `invalid_input` with every fault */
export const compare = async (
  db: Db,
  run: Run,
  file: unknown,
  deps: ConfigurationDeps,
): Promise<Change[]> => {
  const { steps, faults } = await plan(db, run, file, deps)
  if (faults.length > 0) throw new Problem('invalid_input', { errors: faults })
  return steps.flatMap(({ changes }) => changes)
}

/**
 * Makes this server what the file says: all of it, or nothing where anything is wrong. What the file
 * leaves out stays, and nothing is deleted. Call it in a transaction.
 *
 * @throws Problem `invalid_input` with every fault
 */
export const apply = async (
  db: Db,
  run: Run,
  file: unknown,
  deps: ConfigurationDeps,
): Promise<{ changes: Change[]; secrets: MadeSecret[] }> => {
  const { steps, faults } = await plan(db, run, file, deps)
  const secrets: MadeSecret[] = []
  const refused: Fault[] = [...faults]
  for (const step of steps) {
    try {
      secrets.push(...(await step.perform(run)))
    } catch (error) {
      refused.push(...faultsOf(error, step))
    }
  }
  if (refused.length > 0) throw new Problem('invalid_input', { errors: refused })
  return { changes: steps.flatMap(({ changes }) => changes), secrets }
}

/** What an operation has refused; whatever is no refusal ends everything. */
const faultsOf = (error: unknown, { place, entry }: Step): Fault[] => {
  if (!(error instanceof Problem) || error.status >= 500) throw error
  if (error.errors.length > 0) {
    return error.errors.map(({ path, message }) => ({ path: place(path), message }))
  }
  const message = error.detail ? `${error.message} ${error.detail}` : error.message
  return [{ path: entry, message }]
}

const plan = async (
  db: Db,
  run: Run,
  file: unknown,
  { management, webhooks, production }: ConfigurationDeps,
): Promise<{ steps: Step[]; faults: Fault[] }> => {
  const wanted = readWanted(file, { validate: management.validate, production })
  const state = await readState(run)
  const compared: Compared[] = []
  for (const client of wanted.clients) {
    const current = state.clients.find((each) => each.client_id === client.declared.client_id)
    compared.push({ step: await clientStep(db, client, current), faults: [] })
  }
  for (const connector of wanted.connectors) {
    compared.push(await connectorStep(db, management.connectors, state, connector))
  }
  for (const webhook of wanted.webhooks) {
    const current = state.webhooks.find((each) => each.id === webhook.declared.id)
    compared.push({ step: await webhookStep(db, webhooks, webhook, current), faults: [] })
  }
  compared.push({ step: settingsStep(wanted.settings, state.settings), faults: [] })
  return {
    steps: compared.flatMap(({ step }) => (step ? [step] : [])),
    faults: compared.flatMap(({ faults }) => faults),
  }
}
