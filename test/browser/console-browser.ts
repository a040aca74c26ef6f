import { type BrowserOptions, type Person, withBrowser } from '../support/browser.ts'
import type { Visitor } from '../support/http.ts'
import type { Server } from '../support/server.ts'

/** A browser with the session that somebody has in the console. */
export const signedInBrowser = async (
  t: Parameters<typeof withBrowser>[0],
  server: Server,
  admin: Visitor,
  options: BrowserOptions,
): Promise<Person> => {
  const person = await withBrowser(t, options)
  const cookies = admin.jar.header(new URL(`${server.baseUrl}/admin`)).split('; ')
  await person.context.addCookies(
    cookies.map((cookie) => {
      const at = cookie.indexOf('=')
      return { name: cookie.slice(0, at), value: cookie.slice(at + 1), url: server.baseUrl }
    }),
  )
  return person
}
