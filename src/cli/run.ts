/**
 * The command line: `npx avouch …`. Every command is an operation of the management API, run by the
 * server that is named or, on the machine itself, by this process over the database of the
 * environment.
 *
 *   connect    who runs it: remote.ts over HTTP, local.ts here
 *   commands   one file for each group
 */
import { Command, CommanderError } from 'commander'
import { ConfigurationError } from '#config/configuration-error.ts'
import { release } from '../lib/release.ts'
import { clientCommands } from './commands/clients.ts'
import { configCommands } from './commands/config.ts'
import { doctorCommand } from './commands/doctor.ts'
import { inboxCommands } from './commands/inbox.ts'
import { keyCommands } from './commands/keys.ts'
import { ownerCommands } from './commands/owner.ts'
import { userCommands } from './commands/users.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import { warn } from './print.ts'

const program = (): Command => {
  const avouch = new Command('avouch')
    .version(release)
    .description('Manage an Avouch server: the one of this machine, or one at --url.')
    .addHelpText(
      'after',
      '\nIt ends with 0 when it is done, 1 when the answer is no, 2 when it was called wrongly or failed.',
    )
  const groups = [
    clientCommands,
    userCommands,
    keyCommands,
    configCommands,
    doctorCommand,
    inboxCommands,
    ownerCommands,
  ]
  for (const group of groups) avouch.addCommand(group())
  throwOnExit(avouch)
  return avouch
}

/** Commander would end the process before what was opened is closed. */
const throwOnExit = (command: Command): void => {
  command.exitOverride()
  for (const each of command.commands) throwOnExit(each)
}

const main = async (): Promise<number> => {
  try {
    await program().parseAsync()
    return typeof process.exitCode === 'number' ? process.exitCode : exitCodes.done
  } catch (error) {
    // It has said why.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.trouble
    const { message, stack } = error as Error
    const known = error instanceof CommandFailure || error instanceof ConfigurationError
    warn(known ? message : (stack ?? message))
    return error instanceof CommandFailure ? error.exitCode : exitCodes.trouble
  }
}

process.exitCode = await main()
