import ipaddr from 'ipaddr.js';

/** Which hosts and addresses a download may reach. */
export interface AddressRules {
  /** Whether the operator trusts this host name or address by name, on this port. */
  isHostAllowed(hostname: string, port: number): boolean;
  /** Whether a connection to this address may be made: public, or named by the operator. */
  isAddressAllowed(address: string, port: number): boolean;
  /** Whether downloads may use this port of a host that the operator does not name. */
  isPortOpen(port: number): boolean;
}

interface AddressRulesOptions {
  /** The operator's allow list. Default: nothing. */
  readonly allow?: readonly string[];
  /** Ports of hosts that are not on the allow list. Default: 80 and 443, those of web servers. */
  readonly ports?: readonly number[];
}

interface Entry {
  /** Null: every port. */
  readonly port: number | null;
  matches(hostname: string): boolean;
}

/**
 * Azure's wire server: a platform address that answers inside every virtual
 * machine there, although its range is public.
 */
export const platformAddresses: ReadonlySet<string> = new Set(['168.63.129.16']);

/** All of IPv6 that is handed out to anybody; outside of it lie old ways to write an IPv4 address, such as ::127.0.0.1. */
const globalUnicast = ipaddr.parseCIDR('2000::/3') as [ipaddr.IPv6, number];

/** Names that never belong to the public internet (RFC 6761, RFC 8375, and what clouds use inside). */
const privateSuffixes = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home.arpa', 'corp', 'home'];

/**
 * Builds the rules from the operator's allow list. An entry is a host
 * (`media.example.lan`, `*.example.lan`), an address (`10.1.2.3`) or a CIDR
 * block (`10.0.0.0/8`, `fd00::/8`); hosts and IPv4 addresses may end in `:port`
 * and then open that port alone. Everything else must be a public unicast
 * address. Throws a plain Error naming an entry that cannot be read.
 */
export function createAddressRules({ allow = [], ports = [80, 443] }: AddressRulesOptions = {}): AddressRules {
  const entries = allow.map(parseEntry);
  const openPorts = new Set(ports);
  const matches = (value: string, port: number) =>
    entries.some((entry) => (entry.port === null || entry.port === port) && entry.matches(value));
  return {
    isHostAllowed: (hostname, port) => matches(hostname, port),
    isAddressAllowed: (address, port) => isPublicAddress(address) || matches(address, port),
    isPortOpen: (port) => openPorts.has(port),
  };
}

/** Whether an address is ordinary public unicast, in whatever notation ipaddr.js reads; anything unreadable is not. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.kind() === 'ipv6' && !parsed.match(globalUnicast)) return false;
  return parsed.range() === 'unicast' && !platformAddresses.has(parsed.toString());
}

/** Whether a host name can be public at all: it has a dot and no suffix that is private by convention. */
export function isPublicName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (!name.includes('.')) return false;
  return !privateSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

function parseEntry(text: string): Entry {
  const entry = text.trim().toLowerCase();
  if (ipaddr.isValidCIDR(entry)) return cidrEntry(entry, null);
  if (ipaddr.isValid(entry)) return cidrEntry(hostBlock(entry), null);
  const [, host, portText] = /^([^:/\s]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const port = portText === undefined ? null : Number(portText);
  if (!host || (port !== null && (port < 1 || port > 65_535))) {
    throw new Error(
      `"${text}" is not a host, an address or a CIDR block. Write for example media.lan:9000 or 10.0.0.0/8.`,
    );
  }
  if (ipaddr.isValid(host)) return cidrEntry(hostBlock(host), port);
  if (host.startsWith('*.')) {
    const suffix = host.slice(1);
    return { port, matches: (hostname) => hostname.length > suffix.length && hostname.endsWith(suffix) };
  }
  return { port, matches: (hostname) => hostname === host };
}

function hostBlock(address: string): string {
  return `${address}/${ipaddr.parse(address).kind() === 'ipv4' ? 32 : 128}`;
}

function cidrEntry(block: string, port: number | null): Entry {
  const [network, bits] = ipaddr.parseCIDR(block);
  return {
    port,
    matches: (value) => {
      if (!ipaddr.isValid(value)) return false;
      const address = ipaddr.parse(value);
      return address.kind() === network.kind() && address.match(network, bits);
    },
  };
}
