import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The bundled list, lower-case, for {@link PasswordRules}; its file says where it comes from. */
export async function readCommonPasswords(): Promise<ReadonlySet<string>> {
  const text = await readFile(join(import.meta.dirname, 'common-passwords.txt'), 'utf8')
  return new Set(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
}
