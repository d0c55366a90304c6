import type { AddressRules } from './address-rules.ts';
import { checkUrl } from './check-url.ts';
import { resolveAllowed, type Resolver } from './resolve-host.ts';

/** Throws URL_* where an address may not be reached, and DOWNLOAD_FAILED where its host is unknown. */
export type AddressCheck = (text: string, signal: AbortSignal) => Promise<URL>;

/** Looks at an address and at what its name stands for now, without connecting. Each connection is checked again. */
export function createAddressCheck(rules: AddressRules, resolve: Resolver): AddressCheck {
  return async (text, signal) => {
    const url = checkUrl(text, rules);
    await resolveAllowed(url, { rules, resolve, signal });
    return url;
  };
}
