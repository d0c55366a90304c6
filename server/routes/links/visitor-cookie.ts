import type { Request, Response } from 'express';
import { credentialsOf } from '../../auth/principal.ts';
import { hashSecret, newSecret } from '../../auth/secrets.ts';
import { isHttps } from '../../auth/session-cookie.ts';

/** Tells one visitor of links from another; it says nothing about who they are. */
const visitorCookie = 'heddle_visitor';

/** Whoever comes again within a year sees what they started, while the link lasts. */
const maxAgeMs = 365 * 86_400_000;

const tokenPattern = /^[\w-]{43}$/;

/** The hash of what the browser of a visitor holds; a browser that holds nothing yet is given something. */
export function visitorOf(
  request: Request,
  response: Response,
  settings: { readonly publicUrl: string | null; readonly basePath: string },
): Buffer {
  const held = credentialsOf(request.headers).cookies.get(visitorCookie);
  if (held !== undefined && tokenPattern.test(held)) return hashSecret(held);
  const token = newSecret();
  response.cookie(visitorCookie, token, {
    httpOnly: true,
    sameSite: 'lax',
    secure: isHttps(request, settings),
    maxAge: maxAgeMs,
    path: `${settings.basePath}/api/shared`,
  });
  return hashSecret(token);
}
