import type { Channel } from '#connectors/contract.ts'
import type { Db } from '#src/db/contract.ts'
import type { MessagingManagement, MessagingService } from '#src/messaging/index.ts'
import type { Settings } from '#src/settings/contract.ts'
import { type Finding, findingOf } from './contract.ts'
import { mailFindings, type ResolveText } from './mail.ts'

export interface SendingDeps {
  evaluation: boolean
  settings: Pick<Settings, 'signIn'>
  management: Pick<MessagingManagement, 'connectors'>
  messaging: Pick<MessagingService, 'verify'>
  resolve: ResolveText
}

type Instance = Awaited<ReturnType<MessagingManagement['connectors']['all']>>[number]

const channelFinding = findingOf('channel')
const connector = findingOf('connector')
const templates = findingOf('templates')

/** What the ways to sign in that are offered need; email too where it carries the code of a reset. */
const channelsOf = ({ signIn }: SendingDeps['settings']): Channel[] =>
  (['sms', 'email'] as const).filter((channel) =>
    signIn.methods.some((method) => method.startsWith(channel)),
  )

export const sendingFindings = async (db: Db, deps: SendingDeps): Promise<Finding[]> => {
  const instances = (await deps.management.connectors.all(db)).filter(({ enabled }) => enabled)
  const checked = await Promise.all(instances.map((each) => connectorFinding(db, each, deps)))
  const domains = [...new Set(instances.flatMap(senderDomain))]
  const mails = await Promise.all(domains.map((domain) => mailFindings(domain, deps.resolve)))
  return [
    ...channelsOf(deps.settings).map((channel) => channelOf(channel, instances, deps)),
    ...checked,
    templatesFinding(instances),
    ...mails.flat(),
  ]
}

const channelOf = (
  channel: Channel,
  instances: readonly Instance[],
  { evaluation }: SendingDeps,
): Finding => {
  const values = { channel }
  const serving = instances.filter(
    ({ channels, faults }) => channels.includes(channel) && faults.length === 0,
  )
  if (serving.length > 0) return channelFinding('ok', 'served', values)
  return evaluation
    ? channelFinding('ok', 'inbox', values)
    : channelFinding('fault', 'nobody', values)
}

const connectorFinding = async (
  db: Db,
  { id, connector: kind, config, faults }: Instance,
  { management, messaging }: SendingDeps,
): Promise<Finding> => {
  const [fault] = faults
  if (fault) return connector('fault', 'invalid', { id, path: fault.path, fault: fault.message })
  // Masked secrets stand for those that are kept.
  const typed = await management.connectors.typed(db, { id, connector: kind, config })
  const { failure, vendorWords, hint } = await messaging.verify(typed)
  if (failure === null) return connector('ok', 'accepted', { id })
  return connector('fault', 'refused', { id, words: vendorWords ?? failure }, hint)
}

const templatesFinding = (instances: readonly Instance[]): Finding => {
  for (const { id, faults } of instances) {
    const fault = faults.find(({ path }) => /^(config\.)?templates\b/.test(path))
    if (fault) return templates('fault', 'incomplete', { id, path: fault.path })
  }
  return templates('ok', 'complete')
}

/** Whose mail it is, as its reader's server sees it. */
const senderDomain = ({ channels, config }: Instance): string[] => {
  const { fromEmail } = config as { fromEmail?: unknown }
  const [, domain] = /@([^@\s<>]+)>?\s*$/.exec(typeof fromEmail === 'string' ? fromEmail : '') ?? []
  return channels.includes('email') && domain ? [domain.toLowerCase()] : []
}
