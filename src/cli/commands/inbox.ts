import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { loadEnv } from '#config/env.ts'
import { instant, whole } from '../arguments.ts'
import { runningServer } from '../connect.ts'
import { CommandFailure, exitCodes } from '../failure.ts'
import { say, sayJson } from '../print.ts'
import { request } from '../request.ts'

interface Message {
  usageType: string
  code: string | null
  link: string | null
  createdAt: string
}

interface GetOptions {
  url?: string
  to: string
  wait: number
  since?: Date
  link?: boolean
  json?: boolean
}

const pauseMs = 200

const newest = async (
  baseUrl: string,
  { to, since, link }: GetOptions,
): Promise<Message | undefined> => {
  const answer = await request(`${baseUrl}/dev/inbox/messages?${new URLSearchParams({ to })}`)
  if (!answer.ok) {
    throw new CommandFailure(
      `${baseUrl} has no inbox (${answer.status}): there is one only while evaluating, for this machine.`,
    )
  }
  const messages = (await answer.json()) as Message[]
  return messages
    .filter(({ createdAt }) => !since || new Date(createdAt) >= since)
    .filter(({ usageType }) => usageType !== 'SecurityNotice')
    .filter((message) => (link ? message.link : (message.code ?? message.link)) !== null)
    .at(-1)
}

const get = async (options: GetOptions): Promise<void> => {
  const { to, wait, link, json } = options
  const baseUrl = (await runningServer(options)) ?? loadEnv().BASE_URL
  const deadline = Date.now() + wait * 1000
  let message = await newest(baseUrl, options)
  while (!message && Date.now() < deadline) {
    await sleep(pauseMs)
    message = await newest(baseUrl, options)
  }
  if (!message) {
    const waited = wait > 0 ? ` after ${wait} seconds` : ''
    throw new CommandFailure(`There is no message to ${to}${waited}.`, {
      exitCode: exitCodes.refused,
    })
  }
  if (json) sayJson(message)
  else say((link ? message.link : (message.code ?? message.link))!)
}

/** `inbox get` */
export const inboxCommands = (): Command => {
  const inbox = new Command('inbox').description('what was "sent" while evaluating')
  inbox.addCommand(
    new Command('get')
      .description('print the code of the newest message, for automated tests')
      .requiredOption('--to <recipient>', 'email address or phone number')
      .option('--wait <seconds>', 'wait so long for one', whole(0, 3600), 0)
      .option('--since <time>', 'only one that was sent then or later', instant)
      .option('--link', 'print the link instead')
      .option('--json', 'print the whole message')
      .option('--url <origin>', 'the server to ask')
      .action(get),
  )
  return inbox
}
