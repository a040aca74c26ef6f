import type Router from '@koa/router'
import { Problem } from '#src/lib/problem.ts'
import type { Passkey } from '#src/verification/index.ts'
import type { AccountDeps } from '../deps.ts'
import { confirmPage, formPage } from '../form-page.ts'
import type { Frame, Visit } from '../frame.ts'
import type { AccountOperations } from '../operations.ts'
import type { NewPasskeyPage, PasskeyPage, PasskeysPage } from '../pages.ts'
import { showDay } from '../show-time.ts'
import { ownerOf } from './owner.ts'

/** Passkeys: the one thing here that a browser makes with a script. */
export const passkeyPages = (
  router: Router,
  frame: Frame,
  { passkeys }: AccountOperations,
  { verifications: { passkey } }: Pick<AccountDeps, 'verifications'>,
): void => {
  const pathOf = (id: string) => `/account/passkeys/${id}`

  /** @throws Problem `not_found` */
  const find = async ({ own, ctx }: Visit): Promise<Passkey> => {
    const found = (await passkey.list(own.id)).find(({ id }) => id === ctx.params.id)
    if (!found) throw new Problem('not_found')
    return found
  }

  router.get(
    '/passkeys',
    frame.page(async ({ own, lang, show }) => {
      const all = await passkey.list(own.id)
      show<PasskeysPage>('account/passkeys', {
        on: passkey.isOn(),
        passkey: {
          options: pathOf('options'),
          signals: passkey.isOn() ? await passkey.signals(ownerOf(own)) : [],
        },
        passkeys: all.map(({ id, name, backedUp, createdAt, lastUsedAt }) => ({
          name,
          backedUp,
          createdAt: showDay(createdAt, lang),
          lastUsedAt: lastUsedAt && showDay(lastUsedAt, lang),
          renameHref: pathOf(`${id}/rename`),
          removeHref: pathOf(`${id}/remove`),
        })),
        addHref: pathOf('new'),
      })
    }) as never,
  )

  formPage(router, frame, '/passkeys/new', {
    draw({ show }) {
      if (!passkey.isOn()) throw new Problem('not_found')
      show<NewPasskeyPage>('account/passkey-new', {
        passkey: { options: pathOf('options'), signals: [] },
      })
    },
    async work({ run, go }, { passkey: response = '' }) {
      await run(passkeys.register, { body: { response } })
      go('/account/passkeys', 'passkey')
    },
  })

  // For the script of that page, which can not follow a redirect to sign in.
  router.post(
    '/passkeys/options',
    frame.answer(async ({ run }) => ({ create: await run(passkeys.begin) })) as never,
  )

  formPage(router, frame, '/passkeys/:id/rename', {
    keep: ['name'],
    async draw(visit, { name }) {
      const found = await find(visit)
      visit.show<PasskeyPage>('account/passkey', { name: name ?? found.name })
    },
    async work({ run, go, ctx }, { name = '' }) {
      await run(passkeys.rename, { params: { id: ctx.params.id }, body: { name } })
      go('/account/passkeys', 'passkey-renamed')
    },
  })

  confirmPage(router, frame, '/passkeys/:id/remove', {
    async ask(visit) {
      const { name } = await find(visit)
      return {
        words: 'account-methods.remove-passkey',
        values: { name },
        back: '/account/passkeys',
      }
    },
    async work({ run, go, ctx }) {
      await run(passkeys.remove, { params: { id: ctx.params.id } })
      go('/account/passkeys', 'passkey-removed')
    },
  })
}
