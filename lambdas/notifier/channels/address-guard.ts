import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isLoopback, isPublic } from './public-address.ts'

/**
 * `public`: only what is on the Internet, over https. `local`: this machine's own addresses too, over http as well, for
 * runs on one machine. Private networks and metadata services are refused by both.
 */
export type Reachable = 'public' | 'local'

/** Gives every address of a host. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** An address of the Internet that may be connected to, and the IP addresses that were checked: no others may be used. */
export interface CheckedAddress {
  readonly url: URL
  readonly addresses: readonly string[]
}

/** Why an address is not connected to. The message names the rule, never the address: it may be secret. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/**
 * Checks an address that a user gave, right before each connection: what its name resolves to may have changed. All its
 * addresses must be allowed, since any of them may be taken.
 * @throws AddressRefused, or what `resolve` throws where the name does not resolve
 */
export async function checkAddress(
  address: string,
  reachable: Reachable,
  resolve: Resolve = systemResolve,
): Promise<CheckedAddress> {
  const url = checkUrl(address, reachable)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) ? [host] : await resolve(host)
  if (addresses.length === 0) throw new AddressRefused('its name has no address')
  const isAllowed = (each: string) => isPublic(each) || (reachable === 'local' && isLoopback(each))
  if (addresses.every(isAllowed)) return { url, addresses }
  throw new AddressRefused('it leads to an address that is not public')
}

/**
 * What can be said of an address without resolving its name. URL has written out forms such as `https://0x7f.1`.
 * @throws AddressRefused
 */
export function checkUrl(address: string, reachable: Reachable): URL {
  const url = URL.parse(address)
  if (!url) throw new AddressRefused('it is not a URL')
  if (url.username !== '' || url.password !== '')
    throw new AddressRefused('it has a user name or password in it')
  if (reachable === 'local' && url.protocol === 'http:') return url
  if (url.protocol !== 'https:') throw new AddressRefused('it does not begin with https://')
  if (url.port !== '' && reachable !== 'local') throw new AddressRefused('its port is not 443')
  return url
}

const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true })
  return found.map(({ address }) => address)
}
