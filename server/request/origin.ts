import type { IncomingMessage } from 'node:http';

/**
 * Whether a browser sent the request from a page of this server (or of an
 * allowed one). Programs send no Origin and pass: they hold their credential
 * on purpose, while a browser attaches a cookie to whatever a page asks for.
 */
export function isOriginAllowed(
  request: Pick<IncomingMessage, 'headers'>,
  options: { readonly allowedOrigins: readonly string[]; readonly trustForwardedHost: boolean },
): boolean {
  const { origin } = request.headers;
  if (origin === undefined) {
    const site = request.headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }
  if (options.allowedOrigins.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const host = new URL(origin).host.toLowerCase();
  const forwarded = options.trustForwardedHost ? firstOf(request.headers['x-forwarded-host']) : undefined;
  return [request.headers.host, forwarded].some((own) => own !== undefined && own.toLowerCase() === host);
}

function firstOf(header: string | string[] | undefined): string | undefined {
  return (Array.isArray(header) ? header[0] : header)?.split(',')[0]?.trim();
}
