/** What somebody does who has a keyboard and no mouse. */
import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'

/** What has the focus, by its name as assistive technology tells it. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const element = document.activeElement
    const label = element.labels?.[0]?.innerText ?? element.getAttribute('aria-label')
    return (label ?? element.innerText ?? '').trim().split('\\n')[0]
  })()`)

/** Moves on with the Tab key alone until something with this name has the focus. */
export const tabTo = async (page: Page, name: string): Promise<void> => {
  const passed: string[] = []
  for (let steps = 0; steps < 80; steps++) {
    const now = await focused(page)
    if (now === name) return
    passed.push(now)
    await page.keyboard.press('Tab')
  }
  throw new assert.AssertionError({ message: `No "${name}" among: ${passed.join(' | ')}` })
}

/** In the browser: whether what has the focus can be told from its surroundings. */
const isVisible = `(element) => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
  return (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none'
}`

export const focusIsVisible = (page: Page): Promise<boolean> =>
  page.evaluate(`(${isVisible})(document.activeElement)`)

export interface Walk {
  /** Whatever can be used with a mouse, and the Tab key does not come to. */
  missed: readonly string[]
  /** Where nobody sees that it has the focus. */
  unseen: readonly string[]
}

/** Goes through all of a page with the Tab key. */
export const walk = async (page: Page): Promise<Walk> => {
  await page.evaluate(`(() => {
    const usable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]:not(iframe)'
    const radios = new Set()
    const all = [...document.querySelectorAll(usable)].filter((each) => {
      if (!each.checkVisibility({ visibilityProperty: true }) || each.matches(':disabled')) return false
      // Of several, the arrow keys choose.
      if (each.type !== 'radio') return true
      return !radios.has(each.name) && radios.add(each.name)
    })
    const state = { left: new Set(all), count: all.length, unseen: [] }
    document.addEventListener('focusin', ({ target }) => {
      if (!state.left.delete(target)) return
      if (!(${isVisible})(target)) state.unseen.push(target.outerHTML.slice(0, 200))
    })
    if (document.activeElement !== document.body) document.activeElement.blur()
    window.walked = state
  })()`)
  const count = Number(await page.evaluate('walked.count'))
  // A date has a field for each of its parts.
  for (let pressed = 0; pressed < count * 2 + 40; pressed += 10) {
    for (let each = 0; each < 10; each++) await page.keyboard.press('Tab')
    if ((await page.evaluate('walked.left.size')) === 0) break
  }
  return page.evaluate(`({
    missed: [...walked.left].map((each) => each.outerHTML.slice(0, 200)),
    unseen: walked.unseen,
  })`)
}
