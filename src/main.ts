/** What Node runs: keeps what V8 compiles, before the first of our modules is loaded, and goes on in `process/run.ts`. */
import { enableCompileCache } from 'node:module'
import { keptFolder } from './lib/keep.ts'

// Later starts take three quarters of the time.
enableCompileCache(keptFolder)
await import('./process/run.ts')
