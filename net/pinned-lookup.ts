import type { LookupFunction } from 'node:net';
import type { ResolvedAddress } from './resolve-host.ts';

/** A lookup that knows only the checked addresses: the name is never resolved a second time. */
export function pinnedLookup(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) {
      callback(null, [...addresses]);
      return;
    }
    const first = addresses[0];
    callback(null, first?.address ?? '', first?.family ?? 4);
  };
}
