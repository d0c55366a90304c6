import { TerminalError } from '../core/errors/app-error.ts';
import type { FetchLimits } from '../core/limits.ts';
import type { WebRequest } from '../core/node-type/web-tools.ts';
import type { AddressRules } from './address-rules.ts';
import { checkUrl } from './check-url.ts';
import type { Resolver } from './resolve-host.ts';
import { withoutSecrets } from './web-answer.ts';

/** What requests to addresses of users need. */
export interface WebRequesterDependencies {
  readonly rules: AddressRules;
  readonly resolve: Resolver;
  readonly limits?: Partial<FetchLimits>;
  /** How requests introduce themselves where they do not say so. Default: Heddle, without a version and an address. */
  readonly userAgent?: string;
}

/** The address of a request. What is wrong with one that is none is said without the secrets in it. */
export function checkedUrl(request: Pick<WebRequest, 'url' | 'headers' | 'secrets'>, rules: AddressRules): URL {
  try {
    return checkUrl(request.url, rules);
  } catch (error) {
    if (!(error instanceof TerminalError) || error.code !== 'URL_INVALID' || request.secrets.length === 0) throw error;
    // Enough to recognize it; hidden first, so that no part of a secret is left by the cut.
    const shown = withoutSecrets(request)(request.url).slice(0, 100);
    throw new TerminalError(
      'URL_INVALID',
      `This is not a web address: ${shown}. Write it as https://example.org/items, without a user name and password.`,
    );
  }
}

/** Throws URL_NOT_ALLOWED where a secret of the request may not be sent to a host. */
export function requireHosts(url: URL, { secrets }: Pick<WebRequest, 'secrets'>): void {
  const refused = secrets.find(({ hosts }) => !hosts.includes(url.host));
  if (refused === undefined) return;
  throw new TerminalError(
    'URL_NOT_ALLOWED',
    `The secret "${refused.name}" may be sent to ${refused.hosts.join(', ')} only, not to ${url.host}. ` +
      'Change the address, or save the secret for this host under Settings, Your secrets.',
    { details: { host: url.host, secret: refused.name } },
  );
}
