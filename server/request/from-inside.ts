import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';

/** What proxies write; a program beside the server has no reason to. */
const proxyHeaders = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fly-client-ip',
];

const insideRanges: ReadonlySet<string> = new Set([
  'loopback',
  'private',
  'linkLocal',
  'uniqueLocal',
  'carrierGradeNat',
]);

/**
 * Whether a request comes from a program beside the server, such as one that
 * collects figures: from an address of its own network, through no proxy, and not
 * by the name under which everybody knows the server. A proxy that leaves no
 * trace of itself cannot be told from one.
 */
export function isFromInside(
  request: { readonly headers: IncomingHttpHeaders; readonly socket: { readonly remoteAddress?: string | undefined } },
  publicUrl: string | null,
): boolean {
  if (proxyHeaders.some((name) => request.headers[name] !== undefined)) return false;
  const { remoteAddress = '' } = request.socket;
  if (!ipaddr.isValid(remoteAddress)) return false;
  const range = ipaddr.process(remoteAddress).range();
  if (range === 'loopback' && isLoopbackName(request.headers.host)) return true;
  return insideRanges.has(range) && !(publicUrl !== null && new URL(publicUrl).host === request.headers.host);
}

/** A browser on the machine itself, and whoever started the server there. */
function isLoopbackName(host: string | undefined): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i.test(host ?? '');
}
