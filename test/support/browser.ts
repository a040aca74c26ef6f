/** A real Chromium: one for each test file, and for each test browsers that share nothing. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { bringChromium } from './chromium.ts'
import type { Scope } from './scope.ts'

export interface BrowserOptions {
  /** Default true. */
  javaScript?: boolean
  /** BCP 47; default `en`. */
  locale?: string
  /** Default `light`. Null: nothing is pretended, so that a frame has the scheme its page gives it. */
  colorScheme?: 'light' | 'dark' | null
  /** Default 1024 × 768 CSS pixels. */
  viewport?: { width: number; height: number }
  /** Where hosts that speak https are, whatever their certificates: `{ 'shop.example': 8443 }`. */
  hosts?: Record<string, number>
}

export interface Person {
  page: Page
  context: BrowserContext
  /** Messages of the console that tell of a fault, violations of the CSP and uncaught errors among them. */
  complaints(): readonly string[]
  /** @throws AssertionError that lists what the browser complained about */
  assertNoComplaints(): void
}

let launching: Promise<Browser> | null = null

const launch = async (more: readonly string[] = []) =>
  chromium.launch({
    executablePath: await bringChromium((line) => void process.stderr.write(`${line}\n`)),
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
      ...more,
    ],
  })

after(async () => {
  if (launching) await (await launching).close()
})

/** One that finds these hosts on loopback, for what not its pages but the browser itself asks there. */
const launchAmong = async (t: Scope, hosts: Record<string, number>): Promise<Browser> => {
  const rules = Object.entries(hosts).map(([host, port]) => `MAP ${host}:443 127.0.0.1:${port}`)
  const browser = await launch([`--host-resolver-rules=${rules}`, '--ignore-certificate-errors'])
  t.after(() => browser.close())
  return browser
}

/** A browser with a profile of its own and one page, closed when the test ends. */
export async function withBrowser(t: Scope, options: BrowserOptions = {}): Promise<Person> {
  if (!options.hosts) launching ??= launch()
  const browser = options.hosts ? launchAmong(t, options.hosts) : launching!
  const context = await (await browser).newContext({
    javaScriptEnabled: options.javaScript ?? true,
    locale: options.locale ?? 'en',
    colorScheme: options.colorScheme === undefined ? 'light' : options.colorScheme,
    viewport: options.viewport ?? { width: 1024, height: 768 },
  })
  context.setDefaultTimeout(10_000)
  t.after(() => context.close())

  const heard: string[] = []
  const documents = new Set<string>()
  context.on('response', (response) => {
    if (response.request().resourceType() === 'document') documents.add(response.url())
  })
  context.on('console', (message) => {
    if (message.type() !== 'error') return
    const { url } = message.location()
    // A page that answers 422 or 429 is not at fault; an asset that is missing is.
    if (message.text().startsWith('Failed to load resource') && documents.has(url)) return
    heard.push(`${message.text()} (${url})`)
  })
  context.on('weberror', (error) => heard.push(String(error.error())))

  return {
    page: await context.newPage(),
    context,
    complaints: () => heard,
    assertNoComplaints: () => assert.deepEqual(heard, []),
  }
}

export interface AxeFinding {
  rule: string
  impact: string
  help: string
  /** HTML of what it is about. */
  elements: readonly string[]
}

interface AxeResults {
  violations: { id: string; impact: string; help: string; nodes: { html: string }[] }[]
}

let axeSource: Promise<string> | null = null

/**
 * What axe finds serious or critical on the page, by the rules of WCAG 2.2 AA. Does not work where
 * JavaScript is off.
 */
export async function axe(page: Page): Promise<AxeFinding[]> {
  axeSource ??= readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
  // Evaluated from outside, so that the page's own policy on scripts can stay as strict as it is.
  await page.evaluate(await axeSource)
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const results = (await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })`,
  )) as AxeResults
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, help, nodes }) => ({
      rule: id,
      impact,
      help,
      elements: nodes.map(({ html }) => html),
    }))
}
