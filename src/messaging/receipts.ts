import { type Connector, DeliveryError } from '#connectors/contract.ts'
import type { connectorRepository } from './connector-repository.ts'
import type { DeliveryRepository } from './delivery-repository.ts'

/** What came in where a vendor calls back, before anything of it is believed. */
export interface ReceiptCall {
  /** The instance that was called. */
  id: string
  /** Our delivery, as the address that the vendor was given says. */
  delivery: string | null
  /** Path and query as they came. */
  path: string
  header(name: string): string
  body: string
}

export interface ReceiptDeps {
  deliveries: DeliveryRepository
  stored: Pick<ReturnType<typeof connectorRepository>, 'find'>
  connectors: ReadonlyMap<string, Connector>
  baseUrl: string
}

/**
 * Records what a vendor says became of a message. False for what does not come from the vendor; what
 * is about no message of ours is true, and changes nothing.
 */
export const receipts =
  ({ deliveries, stored, connectors, baseUrl }: ReceiptDeps) =>
  async ({ id, delivery, path, header, body }: ReceiptCall): Promise<boolean> => {
    const test = delivery === null ? null : await deliveries.typedOf(delivery)
    const settings = test ?? (await stored.find(id))
    const connector = connectors.get(settings?.connector ?? '')
    if (!settings || !connector?.receipt) return false
    const config = connector.config.safeParse(settings.config)
    if (!config.success) return false
    try {
      const request = { url: `${baseUrl}${path}`, header, body }
      const receipt = await connector.receipt(request, config.data)
      if (receipt) await deliveries.receive(receipt, { id, delivery, test: test !== null })
      return true
    } catch (error) {
      if (error instanceof DeliveryError) return false
      throw error
    }
  }
