import { expectStatus, type Send, sender } from './http.ts'
import { app, phoneOf, resource, resourceScope, service, shop, type Target } from './setting.ts'
import {
  askToken,
  authorizePath,
  codeFrom,
  exchange,
  readUserinfo,
  type SignedIn,
  signIn,
} from './sign-in.ts'

export const workloadNames = [
  'client credentials',
  'silent sign-in',
  'code exchange',
  'refresh',
  'userinfo',
  'sign-in by SMS code',
] as const
export type WorkloadName = (typeof workloadNames)[number]

/** One request, or one sign-in, of one of those that ask; false when nothing is left to ask for. */
export type Work = (worker: number) => Promise<boolean>

export interface Workloads {
  /** Signs in those whose sessions are used: a few for each of those that ask. */
  prepare(workers: number): Promise<void>
  /** Forgets codes of an earlier round, which live for a minute. */
  begin(name: WorkloadName): void
  work: Record<WorkloadName, Work>
}

const sessionsPerWorker = 4

/**
 * The workloads of one server. Silent sign-ins bring the codes that the next code exchange spends,
 * and code exchanges the access tokens that userinfo is asked with, so that each is timed alone.
 *
 * @param readCode waits for the text message to a number
 */
export const workloads = (
  target: Target,
  readCode: (phone: string) => Promise<string>,
): Workloads => {
  const send: Send = sender(target)
  const sessions: SignedIn[] = []
  const chains: string[] = []
  const codes: string[] = []
  const accessTokens: string[] = []
  let people = 0
  let turn = 0

  const nextPerson = () => {
    people += 1
    const address = `10.${(people >> 14) & 127}.${(people >> 7) & 127}.${people & 127}`
    return { phone: phoneOf(people), address, code: readCode }
  }

  const silent = async (client: typeof shop | typeof app, { cookie }: SignedIn) => {
    const path = authorizePath(target, client, 'none')
    const answer = await send({ path, headers: { cookie, accept: 'text/html' } })
    return codeFrom(expectStatus(answer, 303, 'silent sign-in').location)
  }

  const prepareOne = async (worker: number) => {
    for (let n = 0; n < sessionsPerWorker; n++) {
      const session = await signIn(send, target, shop, nextPerson())
      sessions.push(session)
      accessTokens.push(session.tokens.access_token)
    }
    const code = await silent(app, sessions.at(-1)!)
    chains[worker] = (await exchange(send, target, app, code)).refresh_token
  }

  return {
    async prepare(workers) {
      for (let worker = 0; worker < workers; worker++) await prepareOne(worker)
    },

    begin(name) {
      if (name === 'silent sign-in') codes.length = 0
    },

    work: {
      async 'client credentials'() {
        const form = { grant_type: 'client_credentials', resource, scope: resourceScope }
        await askToken(send, target, service, form)
        return true
      },

      // A session is one browser's, so two workers never share one.
      async 'silent sign-in'(worker) {
        turn += 1
        const own = worker * sessionsPerWorker + (turn % sessionsPerWorker)
        codes.push(await silent(shop, sessions[own]!))
        return true
      },

      async 'code exchange'() {
        const code = codes.pop()
        if (!code) return false
        accessTokens.push((await exchange(send, target, shop, code)).access_token)
        return true
      },

      async refresh(worker) {
        const form = { grant_type: 'refresh_token', refresh_token: chains[worker]! }
        chains[worker] = (await askToken(send, target, app, form)).refresh_token
        return true
      },

      async userinfo() {
        turn += 1
        await readUserinfo(send, target, accessTokens.at(-1 - (turn % 1000)) ?? accessTokens[0]!)
        return true
      },

      async 'sign-in by SMS code'() {
        await signIn(send, target, shop, nextPerson())
        return true
      },
    },
  }
}
