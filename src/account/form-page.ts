import type Router from '@koa/router'
import type { FormSpec, Frame, Visit } from './frame.ts'
import type { ConfirmPage } from './pages.ts'

/** A page with one form, which posts to the page's own path. */
export const formPage = (router: Router, frame: Frame, path: string, spec: FormSpec): void => {
  router.get(path, frame.form(spec) as never)
  router.post(path, frame.submit(spec) as never)
}

/** One question before something is taken away. */
export interface Question {
  /** Keys of the words: `<words>`, `<words>-text`, `<words>-do`. */
  words: string
  values?: Record<string, string | number>
  back: string
}

export const confirmPage = (
  router: Router,
  frame: Frame,
  path: string,
  spec: {
    /** @throws Problem `not_found` for what is not there */
    ask(visit: Visit): Promise<Question> | Question
    work: FormSpec['work']
  },
): void =>
  formPage(router, frame, path, {
    async draw(visit) {
      const { words, values = {}, back } = await spec.ask(visit)
      const { t } = visit
      visit.show<ConfirmPage>('account/confirm', {
        heading: words,
        values,
        text: t(`${words}-text`, values),
        button: t(`${words}-do`, values),
        back: { href: back, label: t('account.cancel') },
      })
    },
    work: spec.work,
  })
