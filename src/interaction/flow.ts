import type { FlowDeps } from './deps.ts'
import { gatherFacts } from './facts.ts'
import { finish } from './finish.ts'
import { type Facts, nextStep, type Step } from './policy.ts'
import { register } from './profile.ts'
import { startIfDue } from './start.ts'
import { reread, type Visit } from './visit.ts'

/** What is due, and everything that it was decided on. */
export interface Due {
  visit: Visit
  facts: Facts
  step: Step
}

export const lookAhead = async (deps: FlowDeps, visit: Visit): Promise<Due> => {
  const facts = await gatherFacts(deps, visit)
  return { visit, facts, step: nextStep(facts) }
}

const nothingTyped = { name: '', username: '', new_password: '' }

/**
 * Does what can be done without the person: sends the code that is due, makes an account that needs
 * no profile, ends what is finished.
 *
 * @returns where the browser goes, or how to find out what the person is to be asked
 */
export const settle = async (
  deps: FlowDeps,
  visit: Visit,
): Promise<{ location: string } | { location: null; due: () => Promise<Due> }> => {
  const due = await lookAhead(deps, visit)
  const { step } = due
  if (step.kind === 'finish') return { location: await finish(deps, visit) }
  if (step.kind === 'unmet') {
    return {
      location: await deps.interactions.fail(
        visit.interaction,
        'unmet_authentication_requirements',
        'the requested authentication context can not be reached by this account',
      ),
    }
  }
  if (step.kind === 'profile' && step.fields.length === 0) {
    await register(deps, visit, [], nothingTyped)
    return settle(deps, await reread(deps, visit))
  }
  if (await startIfDue(deps, visit, step)) {
    return { location: null, due: async () => lookAhead(deps, await reread(deps, visit)) }
  }
  return { location: null, due: async () => due }
}
