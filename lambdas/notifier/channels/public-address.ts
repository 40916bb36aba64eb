import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Which addresses an address given by a user may lead to: those that anyone on the Internet reaches. Everything else is
 * this account's own network, this machine, or the service that hands out credentials.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
 */

/** Not public. 169.254.0.0/16 has the metadata of EC2, ECS and Lambda, 100.64.0.0/10 that of other clouds. */
const SPECIAL_IPV4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]

/** All that is public lies here; private, link-local, multicast, IPv4-mapped and NAT64 addresses lie outside. */
const GLOBAL_IPV6 = ['2000::/3']

/** Within it: what is reserved (Teredo among it), documentation, and 6to4, which carries any IPv4 address. */
const SPECIAL_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const LOOPBACK_IPV4 = ['127.0.0.0/8']
const LOOPBACK_IPV6 = ['::1/128']

const specialV4 = listOf('ipv4', SPECIAL_IPV4)
const globalV6 = listOf('ipv6', GLOBAL_IPV6)
const specialV6 = listOf('ipv6', SPECIAL_IPV6)
const loopbackV4 = listOf('ipv4', LOOPBACK_IPV4)
const loopbackV6 = listOf('ipv6', LOOPBACK_IPV6)

/** Whether an IP address is one of the public Internet. False for anything that is not an address. */
export function isPublic(address: string): boolean {
  if (isIPv4(address)) return !specialV4.check(address, 'ipv4')
  return isIPv6(address) && globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

/** Whether an IP address is this machine's own. */
export const isLoopback = (address: string): boolean =>
  isIPv4(address)
    ? loopbackV4.check(address, 'ipv4')
    : isIPv6(address) && (loopbackV6.check(address, 'ipv6') || loopbackV4.check(address, 'ipv6'))

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    list.addSubnet(network, Number(bits), family)
  }
  return list
}
