import type { Translate } from '#src/lib/page.ts'
import { eventMethods } from '#src/verification/contract.ts'

/** What a way to sign in is called; its name where there are no words. */
export const methodWords = (t: Translate, method: string): string =>
  eventMethods.includes(method) ? t(`account-activity.method-${method}`) : method
