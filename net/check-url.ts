import ipaddr from 'ipaddr.js';
import { TerminalError } from '../core/errors/app-error.ts';
import { isPublicName, platformAddresses, type AddressRules } from './address-rules.ts';

/** Longest address that is looked at: what browsers and proxies carry. */
const maxUrlLength = 8_192;

/**
 * Reads a web address the way browsers do, so that every odd notation of an IP
 * address is judged in its plain form, and checks scheme, host and port.
 * Throws TerminalError URL_INVALID, URL_SCHEME, URL_NOT_ALLOWED or URL_PORT.
 */
export function checkUrl(text: string, rules: AddressRules): URL {
  const url = text.length <= maxUrlLength ? parse(text) : null;
  if (url === null)
    throw new TerminalError(
      'URL_INVALID',
      `This is not a web address: ${shorten(text)}. Write it as https://example.org/image.png.`,
    );
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TerminalError(
      'URL_SCHEME',
      `Only http and https addresses can be fetched, not "${url.protocol}". Give one of those.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new TerminalError(
      'URL_INVALID',
      'An address with a user name or password in it is not fetched. Remove them.',
    );
  }
  const port = portOf(url);
  const hostname = hostOf(url);
  const isTrusted = rules.isHostAllowed(hostname, port);
  if (!isTrusted && !isHostPlausible(hostname, port, rules)) throw notAllowed(url);
  if (!isTrusted && !rules.isPortOpen(port)) {
    throw new TerminalError('URL_PORT', `Port ${port} of ${hostname} is not open for downloads. ${howToAllow(url)}`);
  }
  return url;
}

/**
 * Where a redirect leads, checked like the first address. Throws as checkUrl
 * does, and URL_NOT_ALLOWED for a step from https down to http.
 */
export function redirectTarget(from: URL, location: string, rules: AddressRules): URL {
  const target = parse(location, from.href);
  if (target === null) {
    throw new TerminalError(
      'URL_INVALID',
      `${from.host} redirects to something that is not a web address. Give another one.`,
    );
  }
  const url = checkUrl(target.href, rules);
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    throw new TerminalError(
      'URL_NOT_ALLOWED',
      `${from.host} redirects from https to http, which is not followed. Give the final address.`,
    );
  }
  return url;
}

/** The host without the brackets of an IPv6 literal, in lower case. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/** The port that the address means, where it names none as well. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** The one answer for every address that is not public, so that it tells nothing about the network inside. */
export function notAllowed(url: URL): TerminalError {
  return new TerminalError(
    'URL_NOT_ALLOWED',
    `This address is not public: ${hostOf(url)}. Use a public web address. ${howToAllow(url)}`,
    { details: { host: hostOf(url) } },
  );
}

/** What an operator adds for this host and port, and nothing beside. Of addresses that only a machine itself answers at, nothing is said. */
function howToAllow(url: URL): string {
  const host = hostOf(url);
  if (ipaddr.isValid(host) && (platformAddresses.has(host) || ipaddr.parse(host).range() === 'linkLocal')) {
    return 'Ask whoever runs Heddle.';
  }
  const entry = ipaddr.IPv6.isValid(host) ? host : `${host}:${portOf(url)}`;
  return `Whoever runs Heddle can add ${entry} to FETCH_ALLOW and start it again.`;
}

function parse(text: string, base?: string): URL | null {
  return URL.canParse(text, base) ? new URL(text, base) : null;
}

function isHostPlausible(hostname: string, port: number, rules: AddressRules): boolean {
  return ipaddr.isValid(hostname) ? rules.isAddressAllowed(hostname, port) : isPublicName(hostname);
}

function shorten(text: string): string {
  // Enough to recognize the address, little enough for a log line.
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
