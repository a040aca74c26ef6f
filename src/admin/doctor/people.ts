import { commandLineId, consoleClientId, managementClientId } from '#config/client-schema.ts'
import { listClients } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { findCredentials } from '#src/verification/index.ts'
import { adminRepository } from '../access/admin-repository.ts'
import { type Finding, findingOf } from './contract.ts'

const client = findingOf('client')
const owner = findingOf('owner')

const own = new Set([commandLineId, consoleClientId, managementClientId, 'demo'])

/** More are looked at by nobody. */
const most = 100

export const peopleFindings = async (db: Db, production: boolean): Promise<Finding[]> => [
  await clientFinding(db),
  await ownerFinding(db, production),
]

const clientFinding = async (db: Db): Promise<Finding> => {
  const rows = await listClients(db, { limit: own.size + 1 })
  const theirs = rows.filter(({ client }) => !own.has(client.client_id))
  return theirs.length > 0 ? client('ok', 'there') : client('advice', 'none')
}

const ownerFinding = async (db: Db, production: boolean): Promise<Finding> => {
  const admins = await adminRepository(db).list('', most)
  const owners = admins.filter(({ role, blocked }) => role === 'owner' && !blocked)
  if (owners.length === 0) return owner(production ? 'fault' : 'advice', 'none')
  const credentials = await Promise.all(owners.map(({ userId }) => findCredentials(db, userId)))
  const strong = credentials.filter(({ totp }) => totp !== null).length
  if (strong === 0) return owner('fault', 'weak')
  return owner('ok', 'there', { count: strong })
}
