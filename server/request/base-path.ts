import type { IncomingMessage, Server } from 'node:http';

/** What the app may live under: `/heddle`, `/tools/heddle`; nothing that would have to be escaped anywhere. */
export const basePathPattern = /^(?:\/[\w~-][\w.~-]*)+$/;

/** Under which path the app is reached. */
export interface BasePathSettings {
  /** The path of PUBLIC_URL; empty: the root of the name. */
  readonly basePath: string;
  /** Where there are any, they may say it with X-Forwarded-Prefix. */
  readonly trustedProxies: number;
}

/** The path that the browser of this request sees the app under; empty at the root. */
export function basePathOf(request: Pick<IncomingMessage, 'headers'>, settings: BasePathSettings): string {
  if (settings.basePath !== '' || settings.trustedProxies === 0) return settings.basePath;
  const given = [request.headers['x-forwarded-prefix'] ?? ''].flat()[0]?.split(',')[0]?.trim() ?? '';
  const path = given.replace(/\/+$/, '');
  return path.length <= 200 && basePathPattern.test(path) ? path : '';
}

/** The address without the path that the app lives under; a proxy may have cut that off, or not. */
export function withoutBasePath(url: string, basePath: string): string {
  if (basePath === '' || !url.startsWith(basePath)) return url;
  const rest = url.slice(basePath.length);
  if (rest === '') return '/';
  if (rest.startsWith('/')) return rest;
  return rest.startsWith('?') ? `/${rest}` : url;
}

/** Lets everything behind it, the live connection included, see addresses as if the app lived at the root. */
export function cutOffBasePath(server: Server, settings: BasePathSettings): void {
  const cutOff = (request: IncomingMessage) => {
    request.url = withoutBasePath(request.url ?? '/', basePathOf(request, settings));
  };
  server.prependListener('request', cutOff);
  server.prependListener('upgrade', cutOff);
}
