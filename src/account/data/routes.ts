import type Router from '@koa/router'
import type { AccountDeps } from '../deps.ts'
import { formPage } from '../form-page.ts'
import type { Frame } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { DataPage } from '../pages.ts'

/** Taking one's data along. */
export const dataPages = (
  router: Router,
  frame: Frame,
  { data }: AccountOperations,
  { settings }: Pick<AccountDeps, 'settings'>,
): void =>
  formPage(router, frame, '/data', {
    draw({ show }) {
      const { deletion } = settings().account
      show<DataPage>('account/data', {
        deleteHref: deletion === 'self' ? '/account/delete' : null,
      })
    },
    async work({ run, ctx }) {
      const body = await run(data.export)
      ctx.attachment('account.json')
      ctx.type = 'json'
      ctx.body = `${JSON.stringify(body, null, 2)}\n`
    },
  })
