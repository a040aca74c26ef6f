import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { keep } from '#src/lib/keep.ts'

const folderOf = (context: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'avouch-kept-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Makes something that says how often it was made. */
const maker = () => {
  let times = 0
  return async () => {
    times += 1
    return { times }
  }
}

test('what was made is there at the next start, until what it is made of changes', async (context) => {
  const folder = folderOf(context)
  const make = maker()
  assert.deepEqual(await keep(folder, 'a', ['flour', 'eggs'], make), { times: 1 })
  assert.deepEqual(await keep(folder, 'a', ['flour', 'eggs'], make), { times: 1 })
  assert.deepEqual(await keep(folder, 'b', ['flour', 'eggs'], make), { times: 2 })
  assert.deepEqual(await keep(folder, 'a', ['flour', 'milk'], make), { times: 3 })
  assert.deepEqual(await keep(folder, 'a', ['flourmilk'], make), { times: 4 })
  assert.deepEqual(readdirSync(folder).sort(), ['a.json', 'b.json'])
})

test('what was written by half is made again', async (context) => {
  const folder = folderOf(context)
  const make = maker()
  for (const text of ['', '{"key":', 'null']) {
    writeFileSync(join(folder, 'a.json'), text)
    const { times } = await keep(folder, 'a', ['flour'], make)
    assert.deepEqual(await keep(folder, 'a', ['flour'], make), { times })
  }
})

test('where nothing can be written, it is made at every start', async (context) => {
  const place = join(folderOf(context), 'a-file')
  writeFileSync(place, '')
  const make = maker()
  assert.deepEqual(await keep(place, 'a', ['flour'], make), { times: 1 })
  assert.deepEqual(await keep(place, 'a', ['flour'], make), { times: 2 })
})
