import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** Which addresses outside the open network may be asked: none, this machine's own, or any. */
export type PrivateAddresses = 'refuse' | 'loopback' | 'allow'

// IANA special-purpose registries (RFC 6890 and its updates): what is not globally reachable, and what carries another address within.
const blocked = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  blocked.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  blocked.addSubnet(network, bits, 'ipv6')

const global = new BlockList()
global.addSubnet('2000::', 3, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/**
 * Whether an IP address is one that any machine on the open network may be at: neither private, loopback, link-local nor otherwise
 * special, in IPv6 only what is assigned for it (2000::/3), so that no form that wraps another address passes.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !blocked.check(address, 'ipv4')
  return isIPv6(address) && !address.includes('%') && global.check(address, 'ipv6') && !blocked.check(address, 'ipv6')
}

/** Whether an IP address may be connected to. */
export function mayConnect(address: string, allowed: PrivateAddresses): boolean {
  if (allowed === 'allow') return isIPv4(address) || isIPv6(address)
  if (allowed === 'loopback' && isLoopback(address)) return true
  return isPublicAddress(address)
}

function isLoopback(address: string): boolean {
  if (isIPv4(address)) return loopback.check(address, 'ipv4')
  return isIPv6(address) && !address.includes('%') && !address.includes('.') && loopback.check(address, 'ipv6')
}
