import type { Request, Response } from 'express';

/** Name of the session cookie. */
export const sessionCookie = 'heddle_session';

/** Whether the browser came by https, whatever this process sees of it. */
export function isHttps(request: Request, { publicUrl }: { readonly publicUrl: string | null }): boolean {
  return request.secure || publicUrl?.startsWith('https:') === true;
}

/** For which address a cookie is. */
export interface CookieOptions {
  readonly isHttps: boolean;
  readonly maxAgeMs: number;
  /** What the app lives under; empty: the root. */
  readonly basePath: string;
}

/** Gives the browser its session; no script can read it, no other site sends it along. */
export function setSessionCookie(response: Response, token: string, options: CookieOptions): void {
  response.cookie(sessionCookie, token, {
    httpOnly: true,
    sameSite: 'lax',
    // Behind plain http (a laptop, a LAN) a secure cookie would never come back.
    secure: options.isHttps,
    maxAge: options.maxAgeMs,
    // Other programs on the same name need not see it.
    path: options.basePath || '/',
  });
}

/** Takes the session from the browser. */
export function clearSessionCookie(response: Response, basePath: string): void {
  response.clearCookie(sessionCookie, { path: basePath || '/', httpOnly: true, sameSite: 'lax' });
}
