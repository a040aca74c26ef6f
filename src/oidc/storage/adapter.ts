import { isDeepStrictEqual } from 'node:util'
import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider'
import type { Db } from '#src/db/contract.ts'
import type { Keyring } from '#src/lib/crypto.ts'
import { deviceCodeRepository } from './device-repository.ts'
import { memo, type Stored } from './memo.ts'
import { interactionRepository, pushedRequestRepository } from './request-repository.ts'
import {
  beginSession,
  continueSession,
  type Proven,
  sessionRepository,
} from './session-repository.ts'
import {
  grantRepository,
  issueToken,
  keepGrant,
  spendToken,
  tokenRepository,
} from './token-repository.ts'
import { carryOut, type Write } from './unit-repository.ts'

export interface AdapterDeps {
  db: Db
  keys: Keyring
}

/** What a sign-in leaves for its session: see `interactions.ts`. */
interface SignedIn {
  login?: { factors?: unknown; interaction?: unknown }
}

/** Which sign-in a code comes from; nothing where somebody was signed in already. */
const signInOf = (): { signIn?: string } => {
  const { result } = Provider.ctx?.oidc ?? {}
  const signIn = (result as SignedIn | undefined)?.login?.interaction
  return typeof signIn === 'string' ? { signIn } : {}
}

const longestAgent = 256

const whatIsProven = (): Proven => {
  const ctx = Provider.ctx
  const { factors } = (ctx?.oidc?.result as SignedIn | undefined)?.login ?? {}
  return {
    factors: factors ? JSON.stringify(factors) : null,
    agent: ctx?.get('user-agent').slice(0, longestAgent) || null,
    address: ctx?.state.address ?? null,
  }
}

/** What a model does not need throws: it would be a mistake to call it. */
const none = (): never => {
  throw new Error('not used by this model')
}
const unused: Adapter = {
  upsert: none,
  find: none,
  findByUserCode: none,
  findByUid: none,
  consume: none,
  destroy: none,
  revokeByGrantId: none,
}

const found = (payload: Stored | null) => (payload as AdapterPayload | null) ?? undefined
const lost = () => new errors.InvalidGrant('grant request is invalid')

/**
 * Storage for oidc-provider: one round trip for each operation, ids as hashes, and single use
 * decided by the database. What one read brings along is kept for the request that asked.
 *
 * @returns the factory that the library calls once for each model
 */
export const storage = (deps: AdapterDeps): ((model: string) => Adapter) => {
  const models: Record<string, Adapter> = {
    Grant: grants(deps),
    Session: sessions(deps),
    Interaction: interactions(deps),
    PushedAuthorizationRequest: pushedRequests(deps),
    DeviceCode: deviceCodes(deps),
  }
  return (model) => models[model] ?? tokens(deps, model)
}

/** Writes a row: at the end of the request together with others, where it waits for that; or now. */
const write = async (db: Db, row: string, what: Write): Promise<void> => {
  const { unit } = memo()
  if (unit) unit.set(row, what)
  else await carryOut(db, new Map([[row, what]]))
}

const grants = ({ db }: AdapterDeps): Adapter => {
  const repository = grantRepository(db)
  return {
    ...unused,
    async upsert(id, payload, expiresIn) {
      memo().grants.set(id, payload)
      await write(db, `grant ${id}`, keepGrant(id, payload, expiresIn!))
    },
    async find(id) {
      return found(memo().grants.get(id) ?? (await repository.find(id)))
    },
    destroy: (id) => repository.destroy(id),
  }
}

const tokens = ({ db }: AdapterDeps, kind: string): Adapter => {
  const repository = tokenRepository(db)
  return {
    ...unused,
    upsert(id, payload, expiresIn) {
      const grantIsNew = memo().unit?.has(`grant ${payload.grantId}`) === true
      const kept = kind === 'AuthorizationCode' ? { ...payload, ...signInOf() } : payload
      return write(db, `token ${id}`, issueToken(kind, id, kept, expiresIn!, grantIsNew))
    },
    async find(id) {
      const token = await repository.find(kind, id)
      if (!token) return undefined
      const own = memo()
      own.signIn = (token.payload.signIn as string | undefined) ?? null
      const { accounts, grants, sessionsByUid } = own
      const owner = token.payload.accountId as string | undefined
      if (owner) accounts.set(owner, token.account)
      if (token.grant) grants.set(token.payload.grantId as string, token.grant)
      if (token.session) sessionsByUid.set(token.payload.sessionUid as string, token.session)
      return found(token.payload)
    },
    consume: (id) => write(db, `spent ${id}`, spendToken(kind, id)),
    destroy: (id) => repository.destroy(kind, id),
    revokeByGrantId: (grantId) => repository.revokeByGrantId(kind, grantId),
  }
}

const sessions = ({ db }: AdapterDeps): Adapter => {
  const repository = sessionRepository(db)
  return {
    ...unused,
    async find(id) {
      const session = await repository.find(id)
      if (!session) return undefined
      const { accounts, setUp, factors, grants, sessions } = memo()
      const { payload, account } = session
      const uid = payload.uid as string
      // A copy, since the library goes on to change what it is given.
      sessions.set(uid, JSON.parse(JSON.stringify(payload)))
      factors.set(uid, session.factors)
      if (payload.accountId) {
        accounts.set(payload.accountId as string, account)
        setUp.set(payload.accountId as string, session.setUp)
      }
      for (const grant of session.grants) grants.set(grant.jti as string, grant)
      return found(payload)
    },
    async findByUid(uid) {
      const known = memo().sessionsByUid.get(uid)
      if (known) return found(known)
      const session = await repository.findByUid(uid)
      if (session) memo().factors.set(uid, session.factors)
      return found(session?.payload ?? null)
    },
    async upsert(id, payload, expiresIn) {
      const { sessions, unit } = memo()
      const uid = payload.uid!
      const row = `session ${uid}`
      const known = sessions.get(uid)
      const proven = whatIsProven()
      const waiting = unit?.get(row)
      if (!waiting) sessions.set(uid, payload)
      if (!known || waiting?.name === 'begin') {
        await write(db, row, beginSession(id, payload, proven, expiresIn!))
        return
      }
      if (!waiting && !proven.factors && onlyUsed(known, payload, expiresIn!)) return
      const kept = clientsOf(payload)
      const dropped = clientsOf(known).filter((client) => !kept.includes(client))
      await write(db, row, continueSession(id, payload, dropped, proven, expiresIn!))
    },
    async destroy(id) {
      // When the value is renewed, `upsert` replaces it in the same row, with the same uid.
      const renewed = (Provider.ctx?.oidc?.session as { oldId?: string } | undefined)?.oldId === id
      if (!renewed) await repository.destroy(id)
    },
  }
}

/**
 * A session that was merely used need not be written at each use: how much its end may lag behind,
 * in seconds. Little beside its length, or it would end while it is in use.
 */
const negligible = (ttlSeconds: number): number => Math.min(60, ttlSeconds / 10)

const clientsOf = ({ authorizations }: Stored) => Object.keys((authorizations as Stored) ?? {})

const onlyUsed = (known: Stored, now: Stored, ttlSeconds: number): boolean =>
  Math.abs((now.exp as number) - (known.exp as number)) < negligible(ttlSeconds) &&
  isDeepStrictEqual({ ...known, exp: 0 }, { ...now, exp: 0 })

const isResumed = (): boolean => /resume$/.test(Provider.ctx?.oidc?.route ?? '')

/** Whose page the browser is to go back to; see `screens.ts`. */
const unanswered = (uid: string): Error =>
  Object.assign(new errors.SessionNotFound('the sign-in goes on'), { unanswered: uid })

const interactions = ({ db, keys }: AdapterDeps): Adapter => {
  const repository = interactionRepository(db, keys)
  return {
    ...unused,
    upsert: (uid, payload, expiresIn) => repository.upsert(uid, payload, expiresIn!),
    async find(uid) {
      const interaction = await repository.find(uid)
      // The library would end what nobody has answered, and begin anew.
      if (interaction && !interaction.result && isResumed()) throw unanswered(uid)
      return found(interaction)
    },
    // At once: of two that end it, the second must get no further, to spend what the first needs.
    async destroy(uid) {
      if (!(await repository.end(uid))) throw new errors.SessionNotFound('interaction has ended')
    },
  }
}

const pushedRequests = ({ db, keys }: AdapterDeps): Adapter => {
  const repository = pushedRequestRepository(db, keys)
  return {
    ...unused,
    upsert: (id, payload, expiresIn) => repository.insert(id, payload, expiresIn!),
    find: async (id) => found(await repository.find(id)),
    async consume(id) {
      if (await repository.consume(id)) return
      throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
    },
    destroy: (id) => repository.destroy(id),
  }
}

const deviceCodes = ({ db, keys }: AdapterDeps): Adapter => {
  const repository = deviceCodeRepository(db, keys)
  return {
    ...unused,
    async upsert(id, payload, expiresIn) {
      if (!(await repository.upsert(id, payload, expiresIn!))) throw lost()
    },
    find: async (id) => found(await repository.find(id)),
    findByUserCode: async (userCode) => found(await repository.findByUserCode(userCode)),
    async consume(id) {
      if (!(await repository.consume(id))) throw lost()
    },
    destroy: (id) => repository.destroy(id),
    revokeByGrantId: (grantId) => repository.revokeByGrantId(grantId),
  }
}
