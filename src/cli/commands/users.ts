import { Command } from 'commander'
import { whole } from '../arguments.ts'
import { asking, type Common, withCalls } from '../command.ts'
import type { Calls } from '../contract.ts'
import { CommandFailure, exitCodes, orNotFound } from '../failure.ts'
import { listAll } from '../lists.ts'
import { say, sayJson, table, warn } from '../print.ts'
import { meant } from '../whom.ts'
import { importCommand } from './import.ts'

interface Listed {
  id: string
  name: string | null
  blocked: boolean
  identifiers: { type: string; value: string; verified: boolean }[]
  lastSignInAt: string | null
}

interface ListOptions extends Common {
  search?: string
  blocked?: boolean
  limit: number
}

const list = async ({ json, search, blocked, limit, ...place }: ListOptions): Promise<void> =>
  withCalls(place, async (calls) => {
    const query = { q: search, ...(blocked ? { blocked: 'true' } : {}) }
    const found = await listAll<Listed>(calls, 'users.list', { query }, limit)
    if (json) return sayJson(found)
    if (found.length === 0) return warn('There is nobody.')
    say(
      table([
        ['ID', 'NAME', 'STATE', 'LAST SIGN-IN', 'IDENTIFIERS'],
        ...found.map(({ id, name, blocked, lastSignInAt, identifiers }) => [
          id,
          name ?? '',
          blocked ? 'blocked' : 'active',
          lastSignInAt?.slice(0, 10) ?? 'never',
          identifiers.map(({ value }) => value).join(' '),
        ]),
      ]),
    )
    if (found.length === limit) warn(`These are ${limit}; --limit shows more.`)
  })

const nobody = (who: string): string =>
  `There is nobody with the id, email address, phone number or username ${who}. \`npx avouch users list --search …\` finds people.`

/** @param ids one each line, to be copied */
const several = (who: string, ids: readonly string[]): string =>
  `Several people have ${who}, and none of them has proven it. Name one by the id:\n${ids.join('\n')}`

/** The id of somebody who is named by it, or by an identifier as a whole. */
const findId = async (calls: Calls, who: string): Promise<string> => {
  const { readSearch } = await import('#src/users/index.ts')
  // Those who have it as a whole come before those who have more.
  const query = { q: who, limit: 100 }
  const { data } = await calls.call<{ data: Listed[] }>('users.list', { query })
  const [one, ...others] = meant(data, readSearch(who)).map(({ id }) => id)
  if (one === undefined) {
    throw new CommandFailure(nobody(who), { code: 'not_found', exitCode: exitCodes.refused })
  }
  if (others.length === 0) return one
  throw new CommandFailure(several(who, [one, ...others]), { exitCode: exitCodes.refused })
}

const acts = {
  block: { operation: 'users.block', said: 'is blocked, and signed out everywhere' },
  unblock: { operation: 'users.unblock', said: 'may sign in again' },
  'sign-out': { operation: 'users.signOut', said: 'is signed out everywhere' },
} as const

const act =
  (name: keyof typeof acts) =>
  async (who: string, { json, ...place }: Common): Promise<void> =>
    withCalls(place, async (calls) => {
      const { operation, said } = acts[name]
      const params = { id: await findId(calls, who) }
      const user = await orNotFound(calls.call<Listed>(operation, { params }), nobody(who))
      if (json) return sayJson(user)
      say(`${user.name ?? who} (${user.id}) ${said}.`)
    })

/** `users list|import|block|unblock|sign-out` */
export const userCommands = (): Command => {
  const users = new Command('users').description('people')
  users.addCommand(
    asking('list')
      .description('list people, the newest first, or those that are found')
      .option('--search <text>', 'an id, or the beginning of a name or an identifier')
      .option('--blocked', 'only those who may not sign in')
      .option('--limit <number>', 'at most so many', whole(1, 1_000_000), 100)
      .action(list),
  )
  users.addCommand(importCommand())
  const words = {
    block: 'let somebody sign in no more, and end everything they are signed in to',
    unblock: 'let somebody sign in again',
    'sign-out': 'end all sessions and tokens of somebody',
  }
  for (const name of Object.keys(acts) as (keyof typeof acts)[]) {
    users.addCommand(
      asking(name)
        .description(words[name])
        .argument('<who>', 'id, email address, phone number or username')
        .action(act(name)),
    )
  }
  return users
}
