import Router from '@koa/router'
import { type Fault, Problem } from '#src/lib/problem.ts'
import type { PersonView } from '../api/user-view.ts'
import type { ListedView } from '../api/users.ts'
import type { Fields } from './fields.ts'
import type { Frame, Visit } from './frame.ts'
import { hrefOf } from './user.ts'
import { identifierTypes, type NewUserPage, type UsersPage } from './user-pages.ts'

const base = '/admin/users'

/** People: who there is, and how one more is made. */
export const userListPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: base })

  router.get(
    '/',
    page(async (visit) => {
      const filter = {
        q: asked(visit, 'q'),
        blocked: asked(visit, 'blocked'),
        createdAfter: asked(visit, 'createdAfter'),
      }
      const { data, next } = await list(visit, filter)
      const given = Object.entries(filter).filter(([, value]) => value !== '')
      visit.show<UsersPage>('admin/users', {
        users: data,
        filter,
        filtered: given.length > 0,
        nextHref:
          next &&
          `${base}?${new URLSearchParams([...given, ['cursor', next] as [string, string]])}`,
        mayChange: visit.may('users:write'),
      })
    }),
  )

  const draw = async (visit: Visit, fields: Fields | null): Promise<void> => {
    if (!visit.may('users:write')) throw new Problem('insufficient_scope')
    visit.show<NewUserPage>('admin/user-new', {
      name: fields?.text('name') ?? '',
      identifiers: identifierTypes.map((type) => ({
        type,
        value: fields?.text(type) ?? '',
        verified: fields?.has(`${type}Verified`) ?? false,
      })),
    })
  }
  router.get(
    '/new',
    page((visit) => draw(visit, null)),
  )
  router.post(
    '/new',
    form(async (visit, fields) => {
      const given = identifierTypes.filter((type) => fields.text(type).trim() !== '')
      const password = fields.text('password')
      const made = visit.run<PersonView>('users.create', {
        body: {
          name: fields.text('name').trim() || null,
          identifiers: given.map((type) => ({
            type,
            value: fields.text(type),
            // Nobody proves a username: whoever is given one has it.
            verified: type === 'username' || fields.has(`${type}Verified`),
          })),
          ...(password === '' ? {} : { password }),
        },
      })
      const { id } = await made.catch(renamed((place) => given[place] ?? 'name'))
      visit.go(hrefOf(id), 'created')
    }, draw),
  )
  return router
}

const asked = ({ ctx }: Visit, name: string): string => {
  const value = ctx.query[name]
  return typeof value === 'string' ? value.trim() : ''
}

interface List {
  data: readonly ListedView[]
  next: string | null
}

const list = async (visit: Visit, { q, blocked, createdAfter }: UsersPage['filter']) => {
  const cursor = asked(visit, 'cursor')
  const isDay = /^\d{4}-\d\d-\d\d$/.test(createdAfter)
  const query = {
    ...(q && { q }),
    ...(blocked && { blocked }),
    ...(createdAfter && { createdAfter: isDay ? `${createdAfter}T00:00:00Z` : createdAfter }),
    ...(cursor && { cursor }),
  }
  return visit.run<List>('users.list', { query }).catch((error: unknown): List => {
    if (!(error instanceof Problem) || error.code !== 'invalid_input') throw error
    visit.ctx.state.formProblem = error
    return { data: [], next: null }
  })
}

/** Says of `identifiers[1].value` which field of the form that was. */
const renamed =
  (nameOf: (place: number) => string) =>
  (error: unknown): never => {
    if (!(error instanceof Problem)) throw error
    const errors = error.errors.map(({ path, message }): Fault => {
      const place = /^identifiers\[(\d+)\]/.exec(path)?.[1]
      return { path: place === undefined ? path : nameOf(Number(place)), message }
    })
    throw new Problem(error.code, { errors, values: error.values, cause: error })
  }
