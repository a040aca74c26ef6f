import { writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { toYaml } from '#config/yaml.ts'
import { asking, type Common, withCalls } from '../command.ts'
import { ask, readDocument } from '../config-file.ts'
import { exitCodes } from '../failure.ts'
import { plain, say, sayJson, table, warn } from '../print.ts'

interface Exported {
  document: Record<string, unknown>
  variables: { name: string; path: string }[]
}

interface Change {
  path: string
  kind: 'added' | 'changed' | 'removed'
  before?: unknown
  after?: unknown
}

interface Applied {
  changes: Change[]
  secrets: Record<string, string>[]
}

const exportConfig = async ({
  json,
  output,
  ...place
}: Common & { output?: string }): Promise<void> =>
  withCalls(place, async ({ call }) => {
    const { document, variables } = await call<Exported>('configuration.export')
    const text = json ? JSON.stringify(document, null, 2) : toYaml(document)
    if (output === undefined) say(text.trimEnd())
    else writeFileSync(output, `${text.trimEnd()}\n`, { mode: 0o600 })
    if (variables.length === 0) return
    warn('Secrets are not in it. Where it is applied, these variables have to be set:')
    warn(table(variables.map(({ name, path }) => [`  ${name}`, path])))
    if (variables.some(({ path }) => /^(?:clients|webhooks)\./.test(path))) {
      warn('A client or webhook without its own gets a new secret, which is printed once.')
    }
  })

const marks = { added: '+', changed: '~', removed: '-' } as const
const longest = 60

const short = (value: unknown): string => {
  const text = plain(JSON.stringify(value))
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

const line = ({ path, kind, before, after }: Change): string => {
  const start = `${marks[kind]} ${plain(path)}`
  if (kind === 'added') return after === undefined ? start : `${start}: ${short(after)}`
  if (kind === 'removed') return before === undefined ? start : `${start}: ${short(before)}`
  return after === undefined ? start : `${start}: ${short(before)} → ${short(after)}`
}

const diff = async (file: string, { json, ...place }: Common): Promise<void> => {
  const document = readDocument(file)
  await withCalls(place, async (calls) => {
    const { changes } = await ask<Applied>(calls, 'configuration.diff', file, document)
    if (json) sayJson(changes)
    else for (const change of changes) say(line(change))
    if (changes.length > 0) process.exitCode = exitCodes.refused
  })
}

const apply = async (file: string, { json, ...place }: Common): Promise<void> => {
  const document = readDocument(file)
  await withCalls(place, async (calls) => {
    const applied = await ask<Applied>(calls, 'configuration.apply', file, document)
    if (json) return sayJson(applied)
    const { changes, secrets } = applied
    for (const change of changes) say(line(change))
    if (changes.length === 0) warn('It is as the file says already.')
    if (secrets.length === 0) return
    say(table([['FOR', 'NEW SECRET'], ...secrets.map(Object.values)]))
    warn('The secrets are shown this once. Keep them where they are read.')
  })
}

/** `config export|diff|apply` */
export const configCommands = (): Command => {
  const config = new Command('config').description('the whole configuration, as CONFIG_FILE has it')
  config.addCommand(
    asking('export')
      .description('print what is not the default, as YAML; secrets are variables')
      .option('--output <file>', 'write it there instead')
      .action(exportConfig),
  )
  config.addCommand(
    asking('diff')
      .description('print what a file would change; ends with 1 where it would change anything')
      .argument('<file>', 'YAML or JSON; - for standard input')
      .action(diff),
  )
  config.addCommand(
    asking('apply')
      .description('make the changes of a file, once, all or none; nothing is deleted')
      .argument('<file>', 'YAML or JSON; - for standard input')
      .action(apply),
  )
  return config
}
