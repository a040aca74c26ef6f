import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '../../package.json')

/** The release that runs, such as `1.2.3`. */
export const release: string = JSON.parse(readFileSync(file, 'utf8')).version
