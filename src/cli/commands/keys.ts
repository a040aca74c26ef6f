import { Command, Option } from 'commander'
import { asking, type Common, withCalls } from '../command.ts'
import { say, sayJson, table, warn } from '../print.ts'

interface Key {
  kid: string
  alg: string
  state: string
  createdAt: string
  signsFrom: string
  retiredAt: string | null
}

const algorithms = ['RS256', 'ES256'] as const

const show = (keys: readonly Key[]): void =>
  say(
    table([
      ['KEY ID', 'ALG', 'STATE', 'SIGNS FROM', 'GONE AT'],
      ...keys.map((key) => [key.kid, key.alg, key.state, key.signsFrom, key.retiredAt ?? '']),
    ]),
  )

const list = async ({ json, ...place }: Common): Promise<void> =>
  withCalls(place, async ({ call }) => {
    const { data } = await call<{ data: Key[] }>('keys.list')
    return json ? sayJson(data) : show(data)
  })

interface RotateOptions extends Common {
  alg?: (typeof algorithms)[number]
  atOnce?: boolean
}

const rotate = async ({ json, alg, atOnce = false, ...place }: RotateOptions): Promise<void> =>
  withCalls(place, async ({ call }) => {
    for (const each of alg ? [alg] : algorithms) {
      await call('keys.rotate', { body: { alg: each, atOnce } })
    }
    const { data } = await call<{ data: Key[] }>('keys.list')
    if (json) return sayJson(data)
    show(data)
    warn(
      atOnce
        ? 'The new keys sign now. What the old ones have signed is good no more.'
        : 'The new keys are published now and sign in an hour; the old ones verify for a day more.',
    )
  })

/** `keys list|rotate` */
export const keyCommands = (): Command => {
  const keys = new Command('keys').description('the keys that sign tokens')
  keys.addCommand(asking('list').description('list the published keys').action(list))
  keys.addCommand(
    asking('rotate')
      .description('make new keys, of both algorithms unless one is named')
      .addOption(new Option('--alg <algorithm>').choices(algorithms))
      .option('--at-once', 'for a key that somebody else may have: the old one is good no more')
      .action(rotate),
  )
  return keys
}
