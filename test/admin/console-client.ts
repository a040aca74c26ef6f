/** What the tests of the pages about applications share. */
import type { Visit, Visitor } from '../support/http.ts'
import type { Server } from '../support/server.ts'

/** The secret that a page shows, if it shows one. */
export const secretIn = (html: string): string | undefined =>
  /<pre id="secret"[^>]*>([\w-]{43})<\/pre>/.exec(html)?.[1]

export const clientConsole = (server: Server, owner: Visitor) => ({
  /** Makes an application, and stays on the page that answers. */
  async make(framework: string, fields: Record<string, string> = {}): Promise<Visit> {
    await owner.open(`${server.baseUrl}/admin/clients/new?framework=${framework}`)
    return owner.submit('new', fields)
  },

  /** `invalid_client` for a secret that does not open; else what is wrong with the rest. */
  async tokenError(clientId: string, secret: string): Promise<string> {
    const answer = await server.fetch(`${server.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${clientId}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: 'none' }),
    })
    return ((await answer.json()) as { error: string }).error
  },
})
