import { offersAccounts } from '#src/settings/contract.ts'
import { defaultRegion, maskIdentifier, regionOptions } from '#src/users/index.ts'
import type { FlowDeps } from './deps.ts'
import { passkeyUse } from './draw-passkey.ts'
import { common, type Drawing, isRemembered, shown } from './drawing.ts'
import type { Due } from './flow.ts'
import { rememberedAccounts } from './identify.ts'
import type { ChooseAccountPage, IdentifyPage } from './pages.ts'
import { type Intent, readIntent } from './sign-in.ts'
import type { Visit } from './visit.ts'

/** What the page is for: as the link says, or the application, or the sign-in so far. */
const modeOf = ({ ctx, interaction, signIn }: Visit, { typed }: Drawing): Intent =>
  readIntent(typed.mode ?? ctx.query.mode) ??
  signIn?.intent ??
  (interaction.prompt === 'create' ? 'create' : 'sign-in')

/** One field for everything. */
export const drawIdentify = async (deps: FlowDeps, due: Due, drawing: Drawing): Promise<void> => {
  const { visit } = due
  const { ctx, base, interaction, signIn, lang } = visit
  const { identifiers, registration } = deps.settings().signIn
  const mode = modeOf(visit, drawing)
  const types = mode === 'reset' ? identifiers.filter((type) => type !== 'username') : identifiers
  const accounts = await rememberedAccounts(deps, visit)
  deps.pages.show<IdentifyPage>(
    ctx,
    'interaction/identify',
    {
      ...common(visit, drawing),
      mode,
      passkey: passkeyUse(deps, due, drawing, mode),
      types,
      identifier:
        drawing.typed.identifier ??
        (signIn && !isRemembered(signIn) ? signIn.identifier?.display : null) ??
        interaction.params.login_hint ??
        '',
      region:
        drawing.typed.region ??
        defaultRegion(`${interaction.params.ui_locales ?? ''} ${ctx.get('accept-language')}`),
      regions: types.includes('phone') ? regionOptions(lang) : [],
      createHref: mode === 'sign-in' && offersAccounts(registration) ? `${base}?mode=create` : null,
      signInHref: mode === 'sign-in' ? null : `${base}?mode=sign-in`,
      chooseHref: mode === 'sign-in' && accounts.length > 0 ? `${base}?choose=1` : null,
    },
    shown(visit, drawing),
  )
}

/** Who has signed in with this browser before. */
export const drawChooser = async (deps: FlowDeps, due: Due, drawing: Drawing): Promise<void> => {
  const { visit } = due
  const { session } = visit.interaction
  const remembered = await rememberedAccounts(deps, visit)
  const current = session ? await deps.users.find(session.userId) : null
  const own = current?.identifiers.find(({ verified }) => verified)
  const missing = current && own && !remembered.some(({ userId }) => userId === current.id)
  const accounts = [
    ...(missing ? [{ userId: current.id, name: current.name, identifier: own }] : []),
    ...remembered,
  ]
  deps.pages.show<ChooseAccountPage>(
    visit.ctx,
    'interaction/choose-account',
    {
      ...common(visit, drawing),
      passkey: passkeyUse(deps, due, drawing),
      accounts: accounts.map(({ userId, name, identifier }) => ({
        id: userId,
        name,
        identifier: session?.userId === userId ? identifier.display : maskIdentifier(identifier),
        signedIn: session?.userId === userId,
      })),
    },
    shown(visit, drawing),
  )
}
