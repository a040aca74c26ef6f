import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { ErrorPage, Page } from '#src/lib/page.ts'
import type { Pages } from '#src/lib/show.ts'
import type { Users } from '#src/users/index.ts'
import type { ModelClient } from './clients.ts'
import type {
  DeviceCodePage,
  DeviceConfirmPage,
  DeviceDonePage,
  LogoutPage,
  SignedOutPage,
} from './pages.ts'

export interface ScreenDeps {
  pages: Pages
  users: Users
  /** Tells on error pages what was expected and what came. */
  evaluation: boolean
}

const appOf = (client: ModelClient | undefined): Pick<Page, 'app'> => ({
  app: client
    ? { name: client.clientName ?? client.clientId, logoUri: client.logoUri ?? null }
    : null,
})

const locales = ({ oidc }: KoaContextWithOIDC) => ({
  uiLocales: oidc.params?.ui_locales as string | undefined,
})

/** The library's own pages, drawn by us. */
export const screens = ({ pages: { show, language }, users, evaluation }: ScreenDeps) => ({
  async logout(ctx: KoaContextWithOIDC): Promise<void> {
    const { session, client } = ctx.oidc
    const user = session?.accountId ? await users.find(session.accountId) : null
    const first = user?.identifiers.find(({ verified }) => verified)
    show<LogoutPage>(
      ctx,
      'oidc/logout',
      {
        ...appOf(client),
        action: ctx.oidc.urlFor('end_session_confirm'),
        xsrf: String(session?.state?.secret),
        account: user?.name ?? first?.display ?? '',
      },
      locales(ctx),
    )
  },

  signedOut(ctx: KoaContextWithOIDC): void {
    const { client } = ctx.oidc
    show<SignedOutPage>(ctx, 'oidc/signed-out', {
      ...appOf(client),
      homeHref: client?.clientUri ?? null,
    })
  },

  deviceCode(ctx: KoaContextWithOIDC, error?: Error): void {
    if (error && !isStored(ctx.oidc.session)) {
      beginDevice(ctx)
      return
    }
    const typed = (error as { userCode?: string } | undefined)?.userCode
    const { t } = language(ctx)
    show<DeviceCodePage>(
      ctx,
      'oidc/device-code',
      {
        action: ctx.oidc.urlFor('code_verification'),
        xsrf: String(ctx.oidc.session?.state?.secret),
        userCode: typed ?? prefilled(ctx),
        error: error
          ? { field: 'user_code', message: t(`device.error.${deviceError(error)}`) }
          : null,
      },
      { status: error ? 422 : 200 },
    )
  },

  deviceConfirm(
    ctx: KoaContextWithOIDC,
    client: ModelClient,
    device: { ip?: string; ua?: string },
    userCode: string,
  ): void {
    show<DeviceConfirmPage>(ctx, 'oidc/device-confirm', {
      ...appOf(client),
      action: ctx.oidc.urlFor('code_verification'),
      xsrf: String(ctx.oidc.session?.state?.secret),
      userCode,
      requester: { address: device.ip ?? null, agent: device.ua ?? null },
    })
  },

  deviceDone(ctx: KoaContextWithOIDC): void {
    show<DeviceDonePage>(ctx, 'oidc/device-done', appOf(ctx.oidc.client))
  },

  /** A request that can go nowhere: nothing of it is a link, and nobody is redirected. */
  error(
    ctx: KoaContextWithOIDC,
    out: { error: string; error_description?: string | undefined },
    error: Error,
  ): void {
    const { status } = ctx
    const { unanswered } = error as { unanswered?: string }
    if (unanswered) {
      ctx.status = 303
      ctx.redirect(`/interaction/${unanswered}`)
      return
    }
    const { t } = language(ctx, locales(ctx).uiLocales)
    const key = errorKey(out.error, error, status)
    show<ErrorPage>(
      ctx,
      'error',
      {
        ...appOf(ctx.oidc?.client),
        status,
        title: t(`oidc_error.${key}.title`),
        text: t(`oidc_error.${key}.text`),
        reference: ctx.state.reference,
        restartHref: null,
        detail: evaluation ? details(ctx, out, error) : [],
      },
      { status, ...locales(ctx) },
    )
  },
})

const knownErrors = new Set([
  'invalid_client',
  'invalid_redirect_uri',
  'invalid_request',
  'access_denied',
  'temporarily_unavailable',
])

/** Whose words are shown. Of two tabs that end one sign-in, the later finds it gone. */
const errorKey = (code: string, error: Error, status: number): string => {
  if (error instanceof errors.SessionNotFound) return 'session_not_found'
  if (knownErrors.has(code)) return code
  return status >= 500 ? 'server_error' : 'other'
}

const deviceErrors: Record<string, string> = {
  NoCodeError: 'missing',
  NotFoundError: 'unknown',
  ExpiredError: 'expired',
  AlreadyUsedError: 'used',
  AbortedError: 'denied',
}
const deviceError = (error: Error): string => deviceErrors[error.constructor.name] ?? 'other'

type Session = KoaContextWithOIDC['oidc']['session']

const isStored = (session: Session): boolean => session?.exp !== undefined

/**
 * The form came without the session that it was made for. Its page is opened anew, with what was
 * typed; the library would fail to store a session at this point.
 */
const beginDevice = (ctx: KoaContextWithOIDC): void => {
  Object.assign(ctx.oidc.session ?? {}, { touched: false })
  const url = new URL(ctx.oidc.urlFor('code_verification'))
  const typed = ctx.oidc.params?.user_code
  if (typeof typed === 'string' && typed.length <= longestCode) {
    url.searchParams.set('user_code', typed)
  }
  ctx.status = 303
  ctx.redirect(url.href)
}

const longestCode = 32

/** The library would submit a prefilled code by itself; a person is to look at it first. */
const prefilled = (ctx: KoaContextWithOIDC): string => String(ctx.state.userCode ?? '')

const details = (
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string | undefined },
  error: Error,
): ErrorPage['detail'] => {
  const { client, params } = ctx.oidc ?? {}
  const rows = [{ label: 'error', value: out.error }]
  const words = out.error_description ?? (error as { error_detail?: string }).error_detail
  if (words) rows.push({ label: 'error_description', value: words })
  if (typeof params?.client_id === 'string') {
    rows.push({ label: 'client_id', value: params.client_id })
  }
  if (out.error === 'invalid_redirect_uri' && client) {
    rows.push({ label: 'redirect_uri', value: String(params?.redirect_uri) })
    for (const value of client.redirectUris ?? []) rows.push({ label: 'registered', value })
  }
  return rows
}

export type Screens = ReturnType<typeof screens>
