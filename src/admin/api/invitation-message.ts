import { randomUUID } from 'node:crypto'
import type { Client } from '#src/clients/index.ts'
import type { Db } from '#src/db/contract.ts'
import { Problem } from '#src/lib/problem.ts'
import type { Messaging } from '#src/messaging/contract.ts'
import type { SettingsStore } from '#src/settings/index.ts'
import type { Invitation } from '#src/users/index.ts'

const day = 86_400

export interface InvitationMessageDeps {
  baseUrl: string
  settings: Pick<SettingsStore, 'current'>
  messaging: Pick<Messaging, 'serves' | 'queue'>
}

/**
 * Queues the message that tells somebody of their invitation. Its link is no secret: it leads to
 * where the application begins a sign-in, and who comes there has yet to prove the address.
 *
 * @returns the id of the delivery
 * @throws Problem `no_connector`
 */
export const queueInvitation = async (
  { baseUrl, settings, messaging }: InvitationMessageDeps,
  tx: Db,
  { identifier, expiresAt }: Invitation,
  client: Client | null,
  locale: string | undefined,
): Promise<string> => {
  const channel = identifier.type === 'email' ? 'email' : 'sms'
  if (!messaging.serves(channel, identifier.value)) throw new Problem('no_connector')
  const { signIn, branding } = settings.current()
  const id = randomUUID()
  await messaging.queue(tx, {
    id,
    channel,
    to: identifier.value,
    usageType: 'OrganizationInvitation',
    locale: locale ?? signIn.languages.default,
    variables: {
      code: '',
      link: linkOf(baseUrl, client),
      expiresInMinutes: Math.round((expiresAt.getTime() - Date.now()) / 60_000),
      applicationName: client?.client_name ?? branding.name,
      userName: null,
    },
    ttlSeconds: day,
    interactionUid: null,
    clientId: client?.client_id ?? null,
  })
  return id
}

/** OpenID Connect Core 1.0, section 4. */
const linkOf = (baseUrl: string, client: Client | null): string => {
  if (!client?.initiate_login_uri) return baseUrl
  const url = new URL(client.initiate_login_uri)
  url.searchParams.set('iss', `${baseUrl}/oidc`)
  return url.href
}
