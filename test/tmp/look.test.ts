import { after, test } from 'node:test'
import { writeFileSync } from 'node:fs'
import { becomeOwner } from '../admin/console.ts'
import { startServer } from '../support/server.ts'
const server = await startServer({ after })
const { owner } = await becomeOwner(server)
test('look', async () => {
  for (const p of ['/admin/experience','/admin/experience/words?language=en&area=identify','/admin/experience/preview','/admin/templates']) await owner.open(p)
  writeFileSync('/tmp/look.log', server.output())
})
