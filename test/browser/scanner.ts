/** What the mail scanners of large companies do before a message is delivered: everything. */
import type { Page } from 'playwright-core'
import type { InboxMessage } from '../support/inbox.ts'

const urls = /\bhttps?:\/\/[^\s"'<>)]+/g

/** Every address in a message, wherever it stands. */
export const linksIn = ({ text, html }: InboxMessage): string[] => [
  ...new Set(`${text}\n${(html ?? '').replaceAll('&amp;', '&')}`.match(urls) ?? []),
]

/** A press has led somewhere by then. */
const settleMs = 250

/**
 * Opens a link and lets its scripts run, sends each of its forms, presses each button, and does the
 * same on the page behind each, then asks for the link with every method that a robot tries.
 *
 * @returns texts of all pages that it saw
 */
export const scan = async (page: Page, link: string): Promise<string[]> => {
  const seen: string[] = []
  const look = async () => {
    await page.waitForTimeout(settleMs)
    await page.waitForLoadState()
    seen.push(await page.locator('body').innerText())
  }
  const pressEach = async (open: () => Promise<unknown>, depth: number): Promise<void> => {
    await open()
    await look()
    const count = await page.locator('button').count()
    for (let index = 0; index < count; index++) {
      const press = async () => {
        await open()
        const button = page.locator('button').nth(index)
        // A press before may have taken it away. By script, so that what is hidden is pressed too.
        if ((await button.count()) > 0) await button.dispatchEvent('click')
      }
      if (depth > 1) await pressEach(press, depth - 1)
      else await press().then(look)
    }
  }

  await pressEach(() => page.goto(link), 2)
  const forms = await page.goto(link).then(() => page.locator('form').count())
  for (let index = 0; index < forms; index++) {
    await page.goto(link)
    const sent = page.waitForNavigation()
    await page.evaluate(`document.forms[${index}].submit()`)
    await sent
    await look()
  }
  await page.goto(link)
  for (const method of ['HEAD', 'OPTIONS', 'GET', 'POST', 'PUT', 'DELETE']) {
    await page.evaluate(`fetch(location.href, { method: '${method}' }).catch(() => null)`)
  }
  return seen
}
