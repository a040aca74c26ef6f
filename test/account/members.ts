/** People with what they have set up, on the pages of their accounts, while time goes by. */

import { answer, type Member, pageOf, type SecondFactorSite } from '../second-factor/member.ts'
import { ageSignIns } from '../support/aging.ts'
import type { Visitor } from '../support/http.ts'

/** As if everything that somebody has proven were so much older. */
export const age = async (site: SecondFactorSite, { id }: Member, minutes: number) => {
  await ageSignIns(site.sql, minutes * 60, id)
  // A code of the app is good once, and the next one is half a minute away.
  await site.sql('update totp_secrets set last_step = 0 where user_id = $1', [id])
}

/** Answers what is asked until the browser is on an account page, and says which pages that took. */
export const goOn = async (
  site: SecondFactorSite,
  person: Visitor,
  member: Member,
  first: string,
): Promise<string[]> => {
  const pages: string[] = []
  while (person.here().url.includes('/interaction/')) {
    const page = pageOf(person.here())
    if (pages.length > 8) throw new Error(`It goes on and on: ${pages.join(' ')}`)
    const other = person.here().forms.some(({ action }) => action.endsWith(`/start/${first}`))
    if (pages.every((seen) => seen === 'identify') && page !== first && other) {
      await person.submit(`start/${first}`)
      continue
    }
    pages.push(page)
    await answer(site, person, member, { first })
  }
  return pages
}

export const hasApp = async (site: SecondFactorSite, { id }: Member): Promise<boolean> =>
  (await site.sql('select 1 from totp_secrets where user_id = $1', [id])).length === 1

/** The browser is closed, and remembers what it keeps for longer. */
export const leave = (site: SecondFactorSite, { jar }: Visitor): void =>
  jar.store(new URL(site.server.baseUrl), ['avouch_session=; Path=/; Max-Age=0'])
