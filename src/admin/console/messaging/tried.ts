import type { Tried } from './connectors-pages.ts'

/** What a vendor said, for a page. */
export const triedOf = (what: Tried['what'], done: boolean, said: Partial<Tried>): Tried => ({
  what,
  done,
  failure: said.failure ?? null,
  vendorCode: said.vendorCode ?? null,
  vendorWords: said.vendorWords ?? null,
  hint: said.hint ?? null,
  latencyMs: said.latencyMs ?? 0,
  reference: said.reference ?? null,
  deliveryId: said.deliveryId ?? null,
  receiptComes: said.receiptComes ?? false,
})
