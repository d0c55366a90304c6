import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { RetryableError } from '../core/errors/app-error.ts';
import type { AddressRules } from './address-rules.ts';
import { hostOf, notAllowed, portOf } from './check-url.ts';

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a host name, in the order to try. Rejects where the name is unknown. */
export type Resolver = (hostname: string) => Promise<readonly string[]>;

/** The system's resolver, hosts file included. */
export const systemResolver: Resolver = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map((entry) => entry.address);

/**
 * The addresses a request may connect to, resolved once. One address that is
 * not public spoils the whole answer: a name that points both ways is a trick.
 * Throws URL_NOT_ALLOWED (terminal) or DOWNLOAD_FAILED (retryable) for an unknown name.
 */
export async function resolveAllowed(
  url: URL,
  { rules, resolve, signal }: { rules: AddressRules; resolve: Resolver; signal: AbortSignal },
): Promise<readonly ResolvedAddress[]> {
  const hostname = hostOf(url);
  const port = portOf(url);
  const addresses = ipaddr.isValid(hostname) ? [hostname] : await resolveUntil(hostname, resolve, signal);
  const isTrusted = rules.isHostAllowed(hostname, port);
  if (!isTrusted && !addresses.every((address) => rules.isAddressAllowed(address, port))) throw notAllowed(url);
  return addresses.map((address) => ({ address, family: ipaddr.parse(address).kind() === 'ipv4' ? 4 : 6 }));
}

async function resolveUntil(hostname: string, resolve: Resolver, signal: AbortSignal): Promise<readonly string[]> {
  signal.throwIfAborted();
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const addresses = await Promise.race([resolve(hostname), aborted]);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    signal.throwIfAborted();
    throw unknownHost(hostname, error);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  throw unknownHost(hostname, undefined);
}

function unknownHost(hostname: string, cause: unknown): RetryableError {
  return new RetryableError('DOWNLOAD_FAILED', `The host ${hostname} was not found. Check the address.`, {
    details: { host: hostname },
    cause,
  });
}
