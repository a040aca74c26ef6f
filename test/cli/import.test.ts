import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { barOf, progress } from '#src/cli/progress.ts'
import { guard } from '../support/guard.ts'
import { type Home, homeAlone, homeWithServer } from './command.ts'

const root = join(import.meta.dirname, '../..')
const csvOf = (lines: readonly string[]) =>
  `${['id,email,email_verified,name', ...lines].join('\n')}\n`
const people = (count: number) =>
  csvOf(Array.from({ length: count }, (_, at) => `p${at},p${at}@example.com,true,Person ${at}`))

const count = async (machine: Home): Promise<number> =>
  (await machine.done('users', 'list', '--limit', '100000', '--json')).json.length

/** Runs an import, and does something when the first of 20,000 people have been looked at. */
const interrupted = async (
  machine: Home,
  args: readonly string[],
  interrupt: (child: ChildProcess) => unknown,
): Promise<{ code: number; said: string }> => {
  const child = spawn(process.execPath, [join(root, 'src/cli/main.ts'), ...args], {
    cwd: machine.folder,
    env: machine.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  guard(child)
  let said = ''
  let done = false
  child.stderr.on('data', (part) => {
    said += part
    if (done || !said.includes(' of 20,000')) return
    done = true
    interrupt(child)
  })
  const [code] = await once(child, 'exit')
  return { code, said }
}

for (const kind of ['postgres', 'embedded'] as const) {
  test(`people are imported through a server, and who is refused is told (${kind})`, async (t) => {
    const { machine } = await homeWithServer(t, kind)
    await machine.file('people.csv', csvOf(['a,a@example.com,true,A', 'b,nowhere,true,B']))
    const args = ['users', 'import', 'people.csv', '--format', 'csv']
    const tried = await machine.run(...args, '--dry-run')
    assert.equal(tried.code, 1)
    assert.match(tried.out, /^2 people: 1 would be added, 0 there already, 1 refused\.\n$/)
    assert.match(tried.err, /100% {2}2 of 2/)
    assert.match(tried.err, /line 3 +b +email "nowhere"/)
    assert.equal(await count(machine), 0)

    const done = await machine.run(...args, '--report', 'refused.csv')
    assert.match(done.out, /1 added/)
    assert.match(await readFile(join(machine.folder, 'refused.csv'), 'utf8'), /\r\n3,b,/)
    const again = await machine.run(...args, '--json')
    assert.deepEqual([again.json.added, again.json.existing, again.json.refused], [0, 1, 1])
    assert.equal(await count(machine), 1)
  })

  test(`an import that is interrupted goes on where it was, and nobody is there twice (${kind})`, async (t) => {
    const machine = await homeAlone(t, kind)
    const all = 20_000
    await machine.file('people.csv', people(all))
    const args = ['users', 'import', 'people.csv', '--format', 'csv']
    const { code, said } = await interrupted(machine, args, (child) => child.kill('SIGINT'))
    assert.equal(code, 2, said)
    const id = /--resume ([\w-]+)`/.exec(said)?.[1]
    assert.ok(id, said)
    const resumed = await machine.done('users', 'import', '--resume', id, '--json')
    assert.deepEqual(
      [resumed.json.state, resumed.json.done, resumed.json.added, resumed.json.existing],
      ['done', all, all, 0],
    )
    const twice = await machine.done(...args, '--dry-run', '--json')
    assert.deepEqual([twice.json.added, twice.json.existing], [0, all])
    const none = await machine.run('users', 'import', '--resume')
    assert.match(none.err, /There is no import that has not ended/)
  })
}

test('whoever follows an import while its server dies finds it again', async (t) => {
  const { server, machine } = await homeWithServer(t, 'embedded')
  await machine.file('people.csv', people(20_000))
  const args = ['users', 'import', 'people.csv', '--format', 'csv']
  const { code, said } = await interrupted(machine, args, server.kill)
  assert.equal(code, 2, said)
  const id = /Nobody answers at .+--resume ([\w-]+)`/s.exec(said)?.[1]
  assert.ok(id, said)
  await server.start()
  const { json } = await machine.done('users', 'import', '--resume', id, '--json')
  assert.deepEqual([json.state, json.added, json.existing], ['done', 20_000, 0])
  assert.equal(await count(machine), 20_000)
})

test('an import that can not begin says why', async (t) => {
  const machine = await homeAlone(t, 'postgres')
  const said = async (...args: string[]) => (await machine.run('users', 'import', ...args)).err
  assert.match(await said('gone.csv', '--format', 'csv'), /gone.csv can not be read: ENOENT/)
  assert.match(await said('gone.csv'), /Say which file, and whose it is/)
  assert.match(await said('x', '--format', 'okta'), /Allowed choices are csv, avouch, auth0/)
  await machine.file('empty.csv', '')
  assert.match(await said('empty.csv', '--format', 'csv'), /is empty/)
  assert.match(await said('--resume', 'nothing'), /There is no import nothing/)
})

test('a bar is as long as what is done, and moves only where there is a terminal', () => {
  assert.match(barOf(50, 100), /^█{15}░{15} {2}50% {2}50 of 100$/)
  assert.match(barOf(0, 0), /100%/)
  assert.equal(barOf(1234, null), '1,234 so far')
  const wrote: string[] = []
  const out = (isTTY: boolean) =>
    ({ isTTY, columns: 40, write: (text: string) => wrote.push(text) }) as never
  const lines = progress(out(false))
  for (let done = 0; done <= 1000; done += 1) lines.show(done, 1000, '')
  assert.equal(wrote.length, 11)
  wrote.length = 0
  const bar = progress(out(true))
  bar.show(1, 2, 'a long text that has no room')
  bar.end()
  assert.ok(wrote[0]!.startsWith('\r') && wrote[0]!.length < 50)
})
