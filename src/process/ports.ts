import type { Server } from 'node:http'
import { ConfigurationError } from '#config/configuration-error.ts'
import type { Env } from '#config/env.ts'
import { freePort } from '../lib/free-port.ts'
import { listen } from '../lib/listen.ts'

export type PortName = 'PORT' | 'DEMO_PORT' | 'METRICS_PORT'

/** While evaluating, a port that is taken is no reason not to start: the next free one will do. */
export const withFreePorts = async (env: Env): Promise<Env> => {
  if (env.production) return env
  const taken = new Set<number>()
  const choose = async (name: PortName, fixed: boolean): Promise<number> => {
    const port = fixed ? env[name] : await freePort(env[name], env.HOST, taken)
    taken.add(port)
    return port
  }
  const fixed = env.explicit.PORT || env.explicit.BASE_URL
  const PORT = await choose('PORT', fixed)
  const DEMO_PORT = await choose('DEMO_PORT', env.explicit.DEMO_PORT)
  const METRICS_PORT = await choose('METRICS_PORT', env.explicit.METRICS_PORT)
  const BASE_URL = fixed ? env.BASE_URL : `http://localhost:${PORT}`
  return { ...env, PORT, DEMO_PORT, METRICS_PORT, BASE_URL }
}

/** @throws ConfigurationError that names the variable, when somebody else has the port */
export const listenAt = async (server: Server, env: Env, name: PortName): Promise<Server> => {
  try {
    return await listen(server, env[name], env.HOST)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = { EADDRINUSE: 'is taken', EACCES: 'may not be used', EADDRNOTAVAIL: 'is not here' }
    const words = why[code as keyof typeof why]
    if (!words) throw error
    const place = code === 'EADDRNOTAVAIL' ? `HOST: ${env.HOST}` : `${name}: ${env[name]}`
    throw new ConfigurationError('The server can not listen.', [`${place} ${words}`])
  }
}
