import type { Channel } from '#connectors/contract.ts'
import type { Visit } from '../frame.ts'

interface Person {
  identifiers: readonly { type: string; display: string; verified: boolean }[]
}

/** Where this admin can be reached, to try something out on; empty where that is not known. */
export const defaultRecipient = async (
  visit: Visit,
  channels: readonly Channel[],
): Promise<string> => {
  if (!visit.may('users:read')) return ''
  const person = await visit.run<Person>('users.read', { params: { id: visit.admin.userId } })
  const types = channels.map((channel) => (channel === 'sms' ? 'phone' : 'email'))
  return (
    person.identifiers.find(({ type, verified }) => verified && types.some((one) => one === type))
      ?.display ?? ''
  )
}
