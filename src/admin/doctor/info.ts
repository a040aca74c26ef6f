import type { Env } from '#config/env.ts'
import type { Db } from '#src/db/contract.ts'
import { schemaState } from '#src/db/index.ts'
import { release } from '#src/lib/release.ts'
import { doctorRepository } from './doctor-repository.ts'

export interface InfoDeps {
  env: Env
  kind: 'postgres' | 'embedded'
}

const startedAt = new Date(Date.now() - process.uptime() * 1000)

/** What runs here, without secrets. */
export const describe = async (db: Db, { env, kind }: InfoDeps) => {
  const repository = doctorRepository(db)
  const { applied, pending } = await schemaState(db)
  return {
    release,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    mode: env.production ? ('production' as const) : ('evaluation' as const),
    issuer: `${env.BASE_URL}/oidc`,
    startedAt,
    processes: {
      workers: env.WORKERS,
      connections: kind === 'postgres' ? await repository.connections() : null,
    },
    storage: { kind, version: (await repository.version()).version },
    schema: { applied: applied.length, newest: applied.at(-1) ?? null, pending: [...pending] },
  }
}
