import ipaddr from 'ipaddr.js';

/** What is counted together. */
export interface Network {
  readonly key: string;
  /** How many times what one address may do. */
  readonly share: number;
}

/** What one household or one machine is given: a single address of it says nothing. */
const narrowBits = 64;
/** What one customer of a provider may have; an office of many households' size. */
const wideBits = 48;
const wideShare = 8;

/**
 * The networks that an address counts for, the narrowest first: an IPv4 address
 * alone, however it is written; of an IPv6 address its /64 and, with a higher limit,
 * its /48. What is no address counts as it is.
 */
export function networksOf(address: string): readonly Network[] {
  const plain = withoutPort(address);
  if (!ipaddr.isValid(plain)) return [{ key: plain.slice(0, 64), share: 1 }];
  const parsed = ipaddr.process(plain);
  if (parsed instanceof ipaddr.IPv4) return [{ key: parsed.toString(), share: 1 }];
  const bytes = parsed.toByteArray();
  // NAT64: every IPv4 address is behind one /96.
  if (parsed.range() === 'rfc6052') return [{ key: bytes.slice(-4).join('.'), share: 1 }];
  return [
    { key: prefixOf(bytes, narrowBits), share: 1 },
    { key: prefixOf(bytes, wideBits), share: wideShare },
  ];
}

/** The narrowest network of an address. */
export function networkOf(address: string): string {
  return networksOf(address)[0]!.key;
}

function prefixOf(bytes: readonly number[], bits: number): string {
  const kept = bytes.map((byte, at) => (at < bits / 8 ? byte : 0));
  return `${ipaddr.fromByteArray(kept).toString()}/${bits}`;
}

/** Some proxies write the port of the client, too, which is another one for each connection. */
function withoutPort(address: string): string {
  return (
    /^\[([0-9a-f:.]+)(?:%\w+)?\](?::\d+)?$/i.exec(address)?.[1] ??
    /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(address)?.[1] ??
    address
  );
}
