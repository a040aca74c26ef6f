import { Command, Option } from 'commander'
import { connect } from './connect.ts'
import type { Calls, Place } from './contract.ts'

/** A command that asks a server, wherever that is. */
export const asking = (name: string): Command =>
  new Command(name)
    .option('--url <origin>', 'the server to ask, such as https://id.example.com')
    .option('--client-id <id>', 'call as this client; its secret is AVOUCH_CLIENT_SECRET')
    .option('--json', 'answer as JSON')

/** Runs `work` with whoever answers, and lets go of it afterwards. */
export const withCalls = async <T>(
  place: Place,
  work: (calls: Calls) => Promise<T>,
): Promise<T> => {
  const calls = await connect(place)
  try {
    return await work(calls)
  } finally {
    await calls.close()
  }
}

export interface Common extends Place {
  json?: boolean
}

/** May be given several times. */
export const several = (flags: string, words: string): Option =>
  new Option(flags, words).argParser((value: string, before: string[] | undefined) => [
    ...(before ?? []),
    value,
  ])
