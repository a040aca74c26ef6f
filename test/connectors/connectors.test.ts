import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConnectors } from '#connectors/index.ts'

const folder = join(import.meta.dirname, '../../connectors')

test('every folder is found as a connector, with its words and its logo', async () => {
  const connectors = await loadConnectors()
  assert.deepEqual([...connectors.keys()], ['inbox', 'smtp-email', 'twilio-sms'])
  for (const [id, { name, channels }] of connectors) {
    assert.ok(name.length > 0 && channels.length > 0)
    const readme = await readFile(join(folder, id, 'README.md'), 'utf8')
    assert.match(readme, /^# /)
    assert.match(await readFile(join(folder, id, 'logo.svg'), 'utf8'), /^<svg [\s\S]*<\/svg>\s*$/)
  }
})

test('every setting of a connector is explained beside it', async () => {
  for (const [id, { config }] of await loadConnectors()) {
    const readme = await readFile(join(folder, id, 'README.md'), 'utf8')
    const { shape } = config as unknown as { shape: Record<string, unknown> }
    for (const name of Object.keys(shape)) {
      assert.ok(readme.includes(`\`${name}\``), `${id} says nothing about ${name}`)
    }
  }
})

test('a folder dropped in is a connector more, and a broken one is named', async (t) => {
  const own = await mkdtemp(join(tmpdir(), 'connectors-'))
  t.after(() => rm(own, { recursive: true }))
  await mkdir(join(own, 'pigeon'))
  await writeFile(join(own, 'pigeon', 'index.ts'), "export default { id: 'pigeon' }\n")
  assert.deepEqual([...(await loadConnectors(own)).keys()], ['pigeon'])

  await mkdir(join(own, 'raven'))
  await writeFile(join(own, 'raven', 'index.ts'), "export default { id: 'crow' }\n")
  await assert.rejects(loadConnectors(own), /connectors\/raven does not export a connector/)
})

test("no vendor's package is loaded before one of its instances is opened", () => {
  const script = `
    import { registerHooks } from 'node:module'
    import { loadConnectors } from ${JSON.stringify(join(folder, 'index.ts'))}
    const vendors = new Set()
    registerHooks({ load(url, context, next) {
      const [, name] = /node_modules.(twilio|nodemailer)/.exec(url) ?? []
      if (name) vendors.add(name)
      return next(url, context)
    } })
    const connectors = await loadConnectors()
    const atRest = vendors.size
    await connectors.get('twilio-sms').open({ accountSID: 'AC1', authToken: 't', fromNumber: '1' })
    await connectors.get('smtp-email').open({ host: 'h', port: 25, fromEmail: {} })
    process.stdout.write(JSON.stringify([atRest, ...vendors]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script])
  assert.deepEqual(JSON.parse(output.toString()), [0, 'twilio', 'nodemailer'])
})
