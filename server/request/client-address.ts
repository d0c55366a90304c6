import type { IncomingMessage } from 'node:http';

/**
 * Who is at the other end, as Express says it in `request.ip`: the address
 * before the trusted proxies, counted from the right of X-Forwarded-For. For
 * requests that do not go through Express.
 */
export function clientAddress(request: Pick<IncomingMessage, 'headers' | 'socket'>, trustedProxies: number): string {
  const forwarded = [request.headers['x-forwarded-for'] ?? []]
    .flat()
    .flatMap((header) => header.split(','))
    .map((address) => address.trim())
    .filter((address) => address !== '');
  const known = [request.socket.remoteAddress ?? 'unknown', ...forwarded.toReversed()];
  return known[Math.min(trustedProxies, known.length - 1)] ?? 'unknown';
}
