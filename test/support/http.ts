/**
 * A browser without a screen: keeps cookies, follows redirects by hand, fills in forms. What it
 * does, a person could do with JavaScript off; it takes milliseconds.
 */
import assert from 'node:assert/strict'
import { cookieJar, type Jar } from './cookies.ts'
import { type Form, readForms, textOf } from './forms.ts'
import type { Asked, Fetch } from './loopback.ts'

/** A page that was reached, or the place outside to which the last redirect leads. */
export interface Visit {
  url: string
  status: number
  headers: Headers
  html: string
  /** What a person reads on it. */
  text: string
  forms: readonly Form[]
  /** Where a redirect left the server, such as to the relying party's callback; null if none did. */
  left: string | null
  /** Every URL that was asked for on the way, the first included. */
  hops: readonly string[]
}

/** A form by the end of its action's path, such as `verify/sms-code`, or by what it is like. */
export type WhichForm = string | ((form: Form) => boolean)

/** By name; several values where boxes share one. */
export type Filled = Record<string, string | readonly string[]>

export interface Visitor {
  /** Opens a URL as if it had been typed. */
  open(url: string | URL, headers?: Record<string, string>): Promise<Visit>
  /**
   * Sends a form of the page that was reached last, with `fields` in place of what it has; the
   * first named button is pressed unless `fields` presses another.
   *
   * @throws AssertionError when there is no such form, or it has no such field
   */
  submit(which: WhichForm, fields?: Filled): Promise<Visit>
  /**
   * Sends fields that no page may have, as an attacker or a broken browser would; a string is sent
   * as it is.
   */
  post(url: string | URL, fields: Filled | string, headers?: Asked['headers']): Promise<Visit>
  /** The last visit. */
  here(): Visit
  jar: Jar
  /** The same browser once more, with the same cookies and page, to do two things at once. */
  copy(): Visitor
}

const maxHops = 20

/**
 * @param server whose pages are visited; a redirect to another origin ends a visit
 * @param headers sent with every request, such as `accept-language`
 */
export const visitor = (
  server: { fetch: Fetch; baseUrl: string },
  headers: Record<string, string> = {},
  state: { jar: Jar; last: Visit | null } = { jar: cookieJar(), last: null },
): Visitor => {
  const { origin } = new URL(server.baseUrl)
  const { jar } = state
  let { last } = state

  const request = async (url: URL, asked: Asked): Promise<Response> => {
    const cookie = jar.header(url)
    const answer = await server.fetch(url, {
      ...asked,
      headers: {
        accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
        'accept-language': 'en',
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'sec-fetch-dest': 'document',
        'sec-fetch-mode': 'navigate',
        ...headers,
        ...(cookie ? { cookie } : {}),
        ...asked.headers,
      },
    })
    jar.store(url, answer.headers.getSetCookie())
    return answer
  }

  const go = async (first: URL, asked: Asked): Promise<Visit> => {
    const hops: string[] = []
    let url = first
    let next = asked
    while (hops.length < maxHops) {
      hops.push(url.href)
      const answer = await request(url, next)
      const location = redirectOf(answer)
      const target = location === null ? null : new URL(location, url)
      if (!target || target.origin !== origin) {
        last = await visitOf(url, answer, target?.href ?? null, hops)
        return last
      }
      // 307 and 308 repeat the request, everything else becomes a GET (RFC 9110 section 15.4).
      if (answer.status < 307) next = { headers: withoutBody(asked.headers) }
      url = target
    }
    throw new assert.AssertionError({ message: `Redirected in circles:\n${hops.join('\n')}` })
  }

  const post = (url: string | URL, fields: Filled | string, more: Asked['headers'] = {}) =>
    go(new URL(url, last?.url ?? origin), {
      method: 'POST',
      body: typeof fields === 'string' ? fields : encode(fields).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin,
        'sec-fetch-site': 'same-origin',
        ...(last ? { referer: last.url } : {}),
        ...more,
      },
    })

  const here = () => {
    assert.ok(last, 'No page was opened yet')
    return last
  }

  return {
    open: (url, more = {}) =>
      go(new URL(url, origin), { headers: { 'sec-fetch-site': 'none', ...more } }),

    async submit(which, fields = {}) {
      const form = pick(here(), which)
      for (const name of Object.keys(fields)) {
        assert.ok(form.names.has(name), `No field ${name} in the form ${form.action}`)
      }
      const [first] = form.buttons
      const pressed = form.buttons.some(({ name }) => name in fields)
      const button = first && !pressed ? { [first.name]: first.value } : {}
      const untouched = form.repeated.filter(([name]) => !(name in fields))
      const sent: Filled = { ...form.values, ...button, ...fields }
      for (const [name, value] of untouched) sent[name] = [sent[name] ?? [], value].flat()
      if (form.method === 'POST') return post(form.action, sent)
      const url = new URL(form.action)
      url.search = encode(sent).toString()
      return go(url, { headers: { 'sec-fetch-site': 'same-origin', referer: here().url } })
    },

    post,
    here,
    jar,
    copy: () => visitor(server, headers, { jar: jar.copy(), last }),
  }
}

const encode = (fields: Filled): URLSearchParams =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, values]) =>
      [values].flat().map((value): [string, string] => [name, value]),
    ),
  )

const redirectOf = (answer: Response): string | null =>
  answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null

const withoutBody = (headers: Record<string, string> = {}) => {
  const { 'content-type': _type, origin: _origin, ...rest } = headers
  return rest
}

const visitOf = async (
  url: URL,
  answer: Response,
  left: string | null,
  hops: string[],
): Promise<Visit> => {
  const html = await answer.text()
  return {
    url: url.href,
    status: answer.status,
    headers: answer.headers,
    html,
    text: textOf(html),
    forms: readForms(html, url.href),
    left,
    hops,
  }
}

const pick = (visit: Visit, which: WhichForm): Form => {
  const matches =
    typeof which === 'string'
      ? (form: Form) => new URL(form.action).pathname.endsWith(`/${which}`)
      : which
  const form = visit.forms.find(matches)
  const there = visit.forms.map(({ action }) => new URL(action).pathname).join(', ')
  assert.ok(form, `No form ${which} on ${visit.url} (${visit.status}), only: ${there || 'none'}`)
  return form
}
