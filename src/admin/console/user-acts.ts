import type { PersonView } from '../api/user-view.ts'
import type { Fields } from './fields.ts'
import type { Visit } from './frame.ts'
import { readJsonText } from './json-text.ts'

export interface Act {
  /** What is said once it is done. */
  done: 'saved' | 'ended' | 'deleted'
  /** @throws Problem */
  run(visit: Visit, id: string, fields: Fields): Promise<unknown>
}

/** What was typed, where it is not what was there. */
const profile = async (visit: Visit, id: string, fields: Fields): Promise<unknown> => {
  const before = await visit.run<PersonView>('users.read', { params: { id } })
  const text = fields.text('customData').trim()
  const typed = {
    name: fields.text('name').trim() || null,
    locale: fields.text('locale').trim() || null,
    roles: fields.lines('roles'),
    customData: text === '' ? {} : readJsonText(text, 'customData', visit.t),
  }
  const changed = Object.entries(typed).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof typeof typed]),
  )
  if (changed.length === 0) return undefined
  return visit.run('users.change', {
    params: { id },
    body: Object.fromEntries(changed),
    version: fields.number('version'),
  })
}

/** What the forms on the page of somebody do, by the name in their field `act`. */
export const userActs: ReadonlyMap<string, Act> = new Map<string, Act>([
  ['profile', { done: 'saved', run: profile }],
  [
    'add-identifier',
    {
      done: 'saved',
      run: (visit, id, fields) =>
        visit.run('users.addIdentifier', {
          params: { id },
          body: {
            type: fields.text('type'),
            value: fields.text('value'),
            // Nobody proves a username: whoever is given one has it.
            verified: fields.text('type') === 'username' || fields.has('verified'),
          },
          version: fields.number('version'),
        }),
    },
  ],
  [
    'remove-identifier',
    {
      done: 'deleted',
      run: (visit, id, fields) =>
        visit.run('users.removeIdentifier', {
          params: { id, type: fields.text('type'), value: fields.text('of') },
          version: fields.number('version'),
        }),
    },
  ],
  [
    'password',
    {
      done: 'saved',
      run: (visit, id, fields) =>
        visit.run('users.setPassword', {
          params: { id },
          body: { password: fields.text('password') },
          version: fields.number('version'),
        }),
    },
  ],
  [
    'reset',
    {
      done: 'ended',
      run: (visit, id, fields) =>
        visit.run('users.resetFactors', {
          params: { id },
          body: { factors: fields.all('factors') },
          version: fields.number('version'),
        }),
    },
  ],
  [
    'remove-trusted-browser',
    {
      done: 'ended',
      run: (visit, id, fields) =>
        visit.run('users.removeTrustedBrowser', {
          params: { id, browser: fields.text('browser') },
        }),
    },
  ],
  [
    'approve-reset',
    {
      done: 'saved',
      run: (visit, id, fields) =>
        visit.run('users.approveFactorReset', { params: { id, reset: fields.text('reset') } }),
    },
  ],
  [
    'deny-reset',
    {
      done: 'saved',
      run: (visit, id, fields) =>
        visit.run('users.denyFactorReset', { params: { id, reset: fields.text('reset') } }),
    },
  ],
  [
    'end-session',
    {
      done: 'ended',
      run: (visit, id, fields) =>
        visit.run('users.endSession', { params: { id, session: fields.text('session') } }),
    },
  ],
  [
    'sign-out',
    { done: 'ended', run: (visit, id) => visit.run('users.signOut', { params: { id } }) },
  ],
  [
    'remove-client',
    {
      done: 'ended',
      run: (visit, id, fields) =>
        visit.run('users.removeClient', { params: { id, clientId: fields.text('clientId') } }),
    },
  ],
  // Without a version: whoever has to be shut out is shut out, whatever else was changed meanwhile.
  ['block', { done: 'saved', run: (visit, id) => visit.run('users.block', { params: { id } }) }],
  [
    'unblock',
    { done: 'saved', run: (visit, id) => visit.run('users.unblock', { params: { id } }) },
  ],
])
