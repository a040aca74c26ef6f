import { BlockList, isIP } from 'node:net'

/** Why a text is no network to trust, or null. */
export const proxyFault = (text: string): string | null => {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  const most = family === 4 ? 32 : 128
  const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
  if (!family || rest.length > 0 || bits < 0 || bits > most) {
    return `"${text}" is no network; write it like 10.0.0.0/8 or 127.0.0.1`
  }
  return bits === 0 ? `"${text}" trusts everybody; name the network of your proxy` : null
}

/**
 * Tells whether an address is one of the proxies of `TRUST_PROXY`, whose forwarding headers count.
 * An IPv4 address in IPv6 clothing is the IPv4 address.
 */
export const proxyTest = (networks: readonly string[]): ((address: string) => boolean) => {
  const trusted = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6'
    trusted.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family)
  }
  return (address) => {
    const family = isIP(address)
    return family !== 0 && trusted.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}
