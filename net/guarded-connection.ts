import { Agent, fetch as undiciFetch } from 'undici';
import type { AddressRules } from './address-rules.ts';
import { checkUrl } from './check-url.ts';
import { pinnedLookup } from './pinned-lookup.ts';
import { resolveAllowed, type Resolver } from './resolve-host.ts';

/** Milliseconds to connect; a server on the internet answers in a fraction of one second. */
const connectMs = 5_000;

/**
 * `fetch` for addresses that users give: each request is checked, resolved once,
 * and made to a checked address. Redirects are not followed. Throws URL_* where
 * the address is not allowed, and DOWNLOAD_FAILED where its host is unknown.
 */
export function createGuardedConnection(rules: AddressRules, resolve: Resolver): typeof globalThis.fetch {
  return async (input, init) => {
    const url = checkUrl(input instanceof Request ? input.url : String(input), rules);
    const signal = init?.signal ?? new AbortController().signal;
    const addresses = await resolveAllowed(url, { rules, resolve, signal });
    const dispatcher = new Agent({
      connect: { timeout: connectMs, lookup: pinnedLookup(addresses), autoSelectFamily: true },
      pipelining: 0,
      // How long an answer may take is the caller's to say, by its signal.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    try {
      const options = { ...init, redirect: 'manual', dispatcher } as Parameters<typeof undiciFetch>[1];
      // Both follow the same standard; their types come from different packages.
      return (await undiciFetch(url, options)) as unknown as Response;
    } finally {
      // Closes when the body has been read or given up.
      void dispatcher.close();
    }
  };
}
