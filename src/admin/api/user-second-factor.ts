import { z } from 'zod'
import { Problem } from '#src/lib/problem.ts'
import type { SettingsStore } from '#src/settings/index.ts'
import { trustedBrowserRepository } from '#src/users/index.ts'
import { factorResetRepository } from '#src/verification/index.ts'
import { protectAdmins } from '../access/protect-repository.ts'
import { type Operation, operation } from '../contract.ts'
import { person, personId, userView } from './user-view.ts'

const id = z.string().regex(/^[\w-]{1,64}$/)
const ofReset = personId.extend({ reset: id })

/** Browsers that are not asked for a second factor, and what people ask for who have lost theirs. */
export const userSecondFactorOperations = ({
  settings,
}: {
  settings: Pick<SettingsStore, 'current'>
}): Operation[] => [
  operation({
    id: 'users.removeTrustedBrowser',
    method: 'DELETE',
    path: '/users/{id}/trusted-browsers/{browser}',
    scope: 'users:support',
    summary: 'Asks somebody for a second factor again in a browser that they have trusted.',
    params: personId.extend({ browser: id }),
    answer: person,
    note: ({ params }) => ({
      event: 'trusted_browser.removed',
      userId: params.id,
      target: params.browser,
    }),
    async run({ db, params }) {
      if (!(await trustedBrowserRepository(db).revoke(params.id, params.browser))) {
        throw new Problem('not_found')
      }
      return userView(db, params.id)
    },
  }),

  operation({
    id: 'users.approveFactorReset',
    method: 'POST',
    path: '/users/{id}/factor-resets/{reset}/approve',
    scope: 'users:write',
    summary:
      'Lets a reset happen that somebody has asked for, once the wait of the settings is over. An admin’s needs admins:write.',
    params: ofReset,
    answer: person,
    destructive: true,
    note: ({ params }) => ({
      event: 'factor_reset.approved',
      userId: params.id,
      target: params.reset,
    }),
    async run({ db, params, actor }) {
      await protectAdmins(db).from(actor, params.id)
      // Nobody vouches for themselves.
      if (actor.kind === 'person' && actor.id === params.id) throw new Problem('insufficient_scope')
      const { waitHours } = settings.current().recovery
      const done = await factorResetRepository(db).approve(params.id, params.reset, waitHours)
      if (!done) throw new Problem('not_found')
      return userView(db, params.id)
    },
  }),

  operation({
    id: 'users.denyFactorReset',
    method: 'POST',
    path: '/users/{id}/factor-resets/{reset}/deny',
    scope: 'users:write',
    summary: 'Refuses a reset that somebody has asked for, or takes its approval back.',
    params: ofReset,
    answer: person,
    note: ({ params }) => ({
      event: 'factor_reset.denied',
      userId: params.id,
      target: params.reset,
    }),
    async run({ db, params, actor }) {
      await protectAdmins(db).from(actor, params.id)
      if (!(await factorResetRepository(db).deny(params.id, params.reset))) {
        throw new Problem('not_found')
      }
      return userView(db, params.id)
    },
  }),
]
