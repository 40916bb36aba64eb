import { expect, test } from '@jest/globals'
import {
  AddressRefused,
  checkAddress,
  type Reachable,
} from '../../../lambdas/notifier/channels/address-guard.ts'

const refusalOf = async (
  address: string,
  reachable: Reachable = 'public',
  resolved: readonly string[] = [],
) =>
  checkAddress(address, reachable, async () => resolved).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof AddressRefused) return error.message
      throw error
    },
  )

const NOT_PUBLIC = 'it leads to an address that is not public'

test.each([
  ['an own network', '10.1.2.3'],
  ['an own network', '172.31.255.1'],
  ['an own network', '192.168.0.1'],
  ['a carrier network', '100.64.0.1'],
  ["another cloud's metadata", '100.100.100.200'],
  ['this machine', '127.0.0.1'],
  ['this machine', '127.8.8.8'],
  ['this machine', '0.0.0.0'],
  ['metadata of EC2', '169.254.169.254'],
  ['metadata of containers', '169.254.170.2'],
  ['the VPC resolver', '169.254.169.253'],
  ['documentation', '192.0.2.1'],
  ['documentation', '198.51.100.1'],
  ['documentation', '203.0.113.1'],
  ['a benchmark network', '198.19.0.1'],
  ['multicast', '224.0.0.1'],
  ['what is reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['this machine', '::1'],
  ['nothing', '::'],
  ['unique local addresses', 'fd12:3456::1'],
  ['metadata of EC2', 'fd00:ec2::254'],
  ['link-local addresses', 'fe80::1'],
  ['a link-local address with its zone', 'fe80::1%eth0'],
  ['multicast', 'ff02::1'],
  ['an IPv4 address as IPv6', '::ffff:127.0.0.1'],
  ['an IPv4 address as IPv6', '::ffff:169.254.169.254'],
  ['even a public IPv4 address as IPv6', '::ffff:8.8.8.8'],
  ['an IPv4 address by NAT64', '64:ff9b::a9fe:a9fe'],
  ['a local NAT64', '64:ff9b:1::1'],
  ['an IPv4 address by 6to4', '2002:a9fe:a9fe::1'],
  ['an IPv4 address by Teredo', '2001:0:7f00:1::1'],
  ['documentation', '2001:db8::1'],
])('refuses a name that leads to %s, %s', async (_, address) => {
  await expect(refusalOf('https://hook.example.com/x', 'public', [address])).resolves.toBe(NOT_PUBLIC)
})

test.each([['8.8.8.8'], ['172.32.0.1'], ['100.128.0.1'], ['2606:4700::1111'], ['2a00:1450:4001::1']])(
  'takes a name that leads to %s',
  async (address) => {
    const checked = await checkAddress('https://hook.example.com/x', 'public', async () => [address])
    expect(checked.addresses).toEqual([address])
  },
)

test('refuses a name of which one address of several is not public', async () => {
  await expect(refusalOf('https://hook.example.com', 'public', ['8.8.8.8', '10.0.0.1'])).resolves.toBe(
    NOT_PUBLIC,
  )
})

test('refuses a name without an address', async () => {
  await expect(refusalOf('https://hook.example.com')).resolves.toBe('its name has no address')
})

test.each([
  ['https://127.0.0.1/', NOT_PUBLIC],
  ['https://0x7f.1/', NOT_PUBLIC],
  ['https://2130706433/', NOT_PUBLIC],
  ['https://0251.0376.0251.0376/latest/meta-data/', NOT_PUBLIC],
  ['https://[::ffff:7f00:1]/', NOT_PUBLIC],
  ['https://[fd00:ec2::254]/', NOT_PUBLIC],
  ['http://hook.example.com/', 'it does not begin with https://'],
  ['ftp://hook.example.com/', 'it does not begin with https://'],
  ['file:///etc/passwd', 'it does not begin with https://'],
  ['https://hook.example.com:8443/', 'its port is not 443'],
  ['https://someone:word@hook.example.com/', 'it has a user name or password in it'],
  ['https://hook.example.com@10.0.0.1/', 'it has a user name or password in it'],
  ['hook.example.com', 'it is not a URL'],
])('refuses %s: %s', async (address, reason) => {
  await expect(refusalOf(address, 'public', ['8.8.8.8'])).resolves.toBe(reason)
})

test('takes port 443 written out, and a public address written as one', async () => {
  await expect(refusalOf('https://hook.example.com:443/', 'public', ['8.8.8.8'])).resolves.toBeUndefined()
  await expect(refusalOf('https://8.8.8.8/')).resolves.toBeUndefined()
})

test('on one machine takes its own addresses over http, at any port', async () => {
  await expect(refusalOf('http://localhost:8080/', 'local', ['127.0.0.1', '::1'])).resolves.toBeUndefined()
})

test.each([
  ['169.254.169.254'],
  ['fd00:ec2::254'],
  ['10.0.0.1'],
  ['::ffff:169.254.169.254'],
  ['100.100.100.200'],
])('on one machine still refuses %s', async (address) => {
  await expect(refusalOf('http://hook.example.com/', 'local', [address])).resolves.toBe(NOT_PUBLIC)
})
