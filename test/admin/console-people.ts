/** What the tests of the console's pages for people share. */
import assert from 'node:assert/strict'
import type { Form } from '../support/forms.ts'
import type { Filled, Visit, Visitor } from '../support/http.ts'

/** Makes somebody with the form, and is on their page. */
export const createPerson = async (
  owner: Visitor,
  fields: Filled,
): Promise<{ id: string; page: Visit }> => {
  await owner.open('/admin/users/new')
  const page = await owner.submit('new', fields)
  assert.equal(page.status, 200, page.text)
  assert.match(page.text, /Created/)
  return { id: decodeURIComponent(new URL(page.url).pathname.split('/').at(-1)!), page }
}

/** The form of an act on the page of somebody, with these values where there are several. */
export const doing =
  (act: string, more: Partial<Form['values']> = {}) =>
  ({ values }: Form) =>
    values.act === act && Object.entries(more).every(([name, value]) => values[name] === value)

/** What there is to press on the page of somebody. */
export const offered = ({ forms }: Visit): string[] =>
  [...new Set(forms.flatMap(({ values }) => values.act ?? []))].sort()

export const valueIn = (html: string, name: string): string | undefined =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(html)?.[1]
