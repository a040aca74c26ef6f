import { Command } from 'commander'
import { loadEnv } from '#config/env.ts'
import { runningServer } from '../connect.ts'
import { CommandFailure, exitCodes } from '../failure.ts'
import { say, sayJson } from '../print.ts'

const link = async ({ json }: { json?: boolean }): Promise<void> => {
  const running = await runningServer({})
  if (running) {
    throw new CommandFailure(
      `The server at ${running} has the embedded database open. It prints such a link at its start, as long as there is no owner: start it again.`,
    )
  }
  const env = loadEnv()
  const { openOwnDatabase, requireSchema } = await import('../local.ts')
  const { ownerLink } = await import('../../admin/index.ts')
  const db = await openOwnDatabase(env)
  try {
    await requireSchema(db, env)
    const link = await ownerLink(db, env.BASE_URL)
    if (!link) {
      throw new CommandFailure('There is an owner already, who can make others in the console.', {
        exitCode: exitCodes.refused,
      })
    }
    if (json) sayJson({ link })
    else say(link)
  } finally {
    await db.close()
  }
}

/** `owner link` */
export const ownerCommands = (): Command => {
  const owner = new Command('owner').description('who owns this server')
  owner.addCommand(
    new Command('link')
      .description('print a link with which somebody becomes the first owner, within an hour')
      .option('--json', 'answer as JSON')
      .action(link),
  )
  return owner
}
