import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import Koa from 'koa'
import { brandStyles, loadAssets } from '#src/lib/assets.ts'
import { contrast, textOn } from '#src/lib/colour.ts'

const assets = loadAssets('views/assets')
const app = new Koa()
app.use(assets.middleware)
app.use((ctx) => {
  ctx.body = 'something else'
})
const server = createServer(app.callback())
before(() => once(server.listen(0, '127.0.0.1'), 'listening'))
after(() => server.close())

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: Buffer
}

/** Without a client that decompresses by itself. */
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<Answer>((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    request({ host: '127.0.0.1', port, path, method, headers }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk)
      const { statusCode: status = 0, headers } = response
      resolve({ status, headers, body: Buffer.concat(chunks) })
    })
      .on('error', reject)
      .end()
  })

test('a stylesheet is kept by browsers for ever, under a name that changes with it', async () => {
  const href = assets.href('page.css')
  assert.match(href, /^\/assets\/page\.[0-9a-f]{10}\.css$/)
  const { status, headers, body } = await get(href)
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/css; charset=utf-8')
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['content-encoding'], undefined)
  assert.match(body.toString(), /--brand:/)
})

test('it travels compressed to whoever understands that', async () => {
  const plain = (await get(assets.href('page.js'))).body
  const br = await get(assets.href('page.js'), { 'accept-encoding': 'gzip, deflate, br' })
  assert.equal(br.headers['content-encoding'], 'br')
  assert.equal(br.headers.vary, 'Accept-Encoding')
  assert.deepEqual(brotliDecompressSync(br.body), plain)
  const gzip = await get(assets.href('page.js'), { 'accept-encoding': 'gzip' })
  assert.equal(gzip.headers['content-encoding'], 'gzip')
  assert.deepEqual(gunzipSync(gzip.body), plain)
  assert.ok(br.body.length <= gzip.body.length)
})

test('HEAD tells the same without the content', async () => {
  const { status, headers, body } = await get(assets.href('page.css'), {}, 'HEAD')
  assert.equal(status, 200)
  assert.ok(Number(headers['content-length']) > 1000)
  assert.equal(body.length, 0)
})

test('what is not there is not found, and what is no asset is left to others', async () => {
  const unknown = ['page.css', 'page.0000000000.css', '../package.json', '%2e%2e/x', 'constructor']
  for (const name of unknown) assert.notEqual((await get(`/assets/${name}`)).status, 200, name)
  assert.equal((await get('/elsewhere')).body.toString(), 'something else')
  assert.throws(() => assets.href('nothing.css'), /no asset "nothing\.css"/)
})

test('the stylesheet of a brand is answered by a process that never drew it', async () => {
  const href = loadAssets('views/assets').brandHref('#C0FFEE')
  const { status, headers, body } = await get(href)
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'text/css; charset=utf-8')
  assert.equal(body.toString(), brandStyles('#c0ffee'))
  assert.equal((await get(href.replace('c0ffee', 'c0ffef'))).status, 404)
  assert.throws(() => assets.brandHref('red;}body{display:none'), /is not a colour/)
})

test('whatever the brand colour, people can read the button and the links', () => {
  const colour = fc
    .integer({ min: 0, max: 0xffffff })
    .map((value) => `#${value.toString(16).padStart(6, '0')}`)
  fc.assert(
    fc.property(colour, (brand) => {
      const values = [...brandStyles(brand).matchAll(/--([\w-]+):(#[0-9a-f]{6})/g)]
      const light = Object.fromEntries(values.map(([, name, value]) => [name, value]).slice(0, 5))
      const dark = Object.fromEntries(values.map(([, name, value]) => [name, value]).slice(5))
      const at = (name: string) => String(light[name])
      assert.equal(at('on-brand'), textOn(brand))
      assert.ok(contrast(at('on-brand'), brand) >= 4.5)
      assert.ok(contrast(at('on-brand'), at('brand-hover')) >= 4.5)
      assert.ok(contrast(at('link'), '#ffffff') >= 4.5)
      assert.ok(contrast(at('brand-edge'), '#ffffff') >= 3)
      assert.ok(contrast(String(dark.link), '#14171b') >= 4.5)
      assert.ok(contrast(String(dark['brand-edge']), '#14171b') >= 3)
    }),
  )
})
