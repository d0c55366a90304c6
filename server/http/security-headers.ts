import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { BrowserSources } from '../auth/browser-sign-in.ts';

/** Half a year, as browsers' own lists ask for. */
const strictTransportSeconds = 15_552_000;

/**
 * What every answer tells the browser. Scripts come from this server only, and
 * from the identity provider where there is one; inline styles are what the canvas and the components position themselves
 * with; images and videos may also come from the web addresses that users
 * put into their nodes.
 */
export function securityHeaders(options: {
  readonly sources: BrowserSources;
  readonly publicUrl: string | null;
}): RequestHandler {
  const { scripts, connections, frames } = options.sources;
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", ...scripts],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:', 'https:'],
        mediaSrc: ["'self'", 'data:', 'blob:', 'https:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", ...connections],
        frameSrc: frames.length === 0 ? ["'none'"] : [...frames],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    // Plain http is normal on a laptop and a LAN: only where browsers come by https may they be held to it.
    strictTransportSecurity:
      options.publicUrl?.startsWith('https:') === true ? { maxAge: strictTransportSeconds } : false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}
