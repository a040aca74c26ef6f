import Router from '@koa/router'
import type { Frame, Visit } from './frame.ts'
import type { ConsolePage } from './pages.ts'

interface Key {
  kid: string
  alg: string
  state: 'next' | 'signing' | 'retiring'
  signsFrom: string
  retiredAt: string | null
}

/** `admin/keys`: the signing keys, and a form for each algorithm. */
export interface KeysPage extends ConsolePage {
  keys: readonly Key[]
  algorithms: readonly { alg: string; waits: boolean }[]
  mayRotate: boolean
}

/** The keys that sign tokens, and how they are replaced. */
export const keyPages = ({ page, form }: Frame) => {
  const router = new Router({ prefix: '/admin/keys' })

  const draw = async (visit: Visit): Promise<void> => {
    const { data } = await visit.run<{ data: readonly Key[] }>('keys.list')
    const algorithms = [...new Set(data.map(({ alg }) => alg))].sort()
    visit.show<KeysPage>('admin/keys', {
      keys: data,
      algorithms: algorithms.map((alg) => ({
        alg,
        waits: data.some((key) => key.alg === alg && key.state === 'next'),
      })),
      mayRotate: visit.may('keys:write'),
    })
  }

  router.get('/', page(draw))
  router.post(
    '/rotate',
    form(async (visit, fields) => {
      await visit.run('keys.rotate', {
        body: { alg: fields.text('alg'), atOnce: fields.has('atOnce') },
      })
      visit.go('/admin/keys', 'created')
    }, draw),
  )
  return router
}
