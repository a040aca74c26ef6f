/** Every place where anybody can put a text: fields of forms, of queries and of requests. */
import assert from 'node:assert/strict'
import { type Visitor, visitor } from '../support/http.ts'
import type { RelyingParty } from '../support/relying-party.ts'
import type { Server } from '../support/server.ts'
import { type Answer, ofResponse, ofVisit, timed } from './judge.ts'

/** A text that the client encodes, or bytes that are sent as they are. */
export type Sent = { text: string } | { raw: string }

export interface Site {
  name: string
  send(value: Sent): Promise<Answer>
}

const encoded = (value: Sent): string =>
  // `encodeURIComponent` would refuse what is not well-formed.
  'raw' in value ? value.raw : encodeURIComponent(value.text.toWellFormed())

const formOf = (fields: Record<string, string>, name: string, value: Sent): string => {
  const { [name]: _, ...others } = fields
  return [new URLSearchParams(others), `${name}=${encoded(value)}`].join('&').replace(/^&/, '')
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' }

export interface Target {
  server: Server
  shop: RelyingParty
  /** Basic authentication of the shop. */
  credentials: string
}

/** A field of the query of a GET request, the others as given. */
export const querySite = (
  { server }: Target,
  path: string,
  name: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = { accept: 'text/html' },
): Site => ({
  name: `GET ${path} ${name}`,
  send: (value) =>
    timed(async () => {
      const url = `${server.baseUrl}${path}?${formOf(fields, name, value)}`
      return ofResponse(await server.fetch(url, { headers }), server.baseUrl)
    }),
})

/** A field of the body of a POST request by a client. */
export const bodySite = (
  { server, credentials }: Target,
  path: string,
  name: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = { authorization: credentials },
): Site => ({
  name: `POST ${path} ${name}`,
  send: (value) =>
    timed(async () => {
      const answer = await server.fetch(`${server.baseUrl}${path}`, {
        method: 'POST',
        body: formOf(fields, name, value),
        headers: { ...formType, ...headers },
      })
      return ofResponse(answer, server.baseUrl)
    }),
})

/** A part of the path. */
export const pathSite = ({ server }: Target, method: string, before: string, after = ''): Site => ({
  name: `${method} ${before}…${after}`,
  send: (value) =>
    timed(async () => {
      const answer = await server.fetch(`${server.baseUrl}${before}${encoded(value)}${after}`, {
        method,
        headers: { accept: 'text/html', ...(method === 'POST' ? formType : {}) },
        ...(method === 'POST' ? { body: 'a=b' } : {}),
      })
      return ofResponse(answer, server.baseUrl)
    }),
})

/** A field of a form on a page, which a browser has to get to first. */
export const formSite = (
  name: string,
  field: string,
  how: {
    prepare: () => Promise<Visitor>
    /** Path of the form's action below the sign-in, or a whole path. */
    action: string
    fields?: Record<string, string>
    /** How often before another browser begins anew, such as before a code has no tries left. */
    uses: number
  },
): Site => {
  let browser: Visitor | null = null
  let base = ''
  let used = 0
  return {
    name: `form ${name} ${field}`,
    async send(value) {
      if (!browser || used++ >= how.uses) {
        browser = await how.prepare()
        base = /^\/interaction\/[^/]+/.exec(new URL(browser.here().url).pathname)?.[0] ?? ''
        used = 0
      }
      const path = how.action.startsWith('/') ? how.action : `${base}/${how.action}`
      const own = browser.here().forms.find(({ action }) => new URL(action).pathname === path)
      const hidden = own?.values.xsrf ? { xsrf: own.values.xsrf } : {}
      const current = browser
      const answer = await timed(async () =>
        ofVisit(await current.post(path, formOf({ ...hidden, ...how.fields }, field, value))),
      )
      // It has gone on from here, or ended.
      if (answer.left !== null || answer.status === 410 || answer.status === 200) browser = null
      return answer
    },
  }
}

/** A sign-in that has just begun. */
export const begun = async ({ server, shop }: Target): Promise<Visitor> => {
  const person = visitor(server)
  const { status } = await person.open((await shop.authorize()).url)
  assert.equal(status, 200)
  return person
}
