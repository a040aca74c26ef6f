#!/usr/bin/env node
/** What `npx avouch` runs: keeps what V8 compiles, as the server does, and goes on in `run.ts`. */
import { enableCompileCache } from 'node:module'
import { keptFolder } from '../lib/keep.ts'

enableCompileCache(keptFolder)
await import('./run.ts')
