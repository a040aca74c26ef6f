import type { Visitor } from '../support/http.ts'
import type { Server } from '../support/server.ts'

/** Every page of the console, with something on it where it lists anything. */
export const consolePages = async (_server: Server, _owner: Visitor): Promise<string[]> => [
  '/admin',
  '/admin/dashboard',
  '/admin/experience',
  '/admin/experience/preview',
  '/admin/experience/words',
  '/admin/settings',
  '/admin/keys',
  '/admin/admins',
  '/admin/system',
  '/admin/system/doctor',
  '/admin/signed-out',
  '/api/docs',
]
