import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import express, { type Express, type Request, type Response } from 'express';
import { basePathOf, type BasePathSettings } from './request/base-path.ts';

const missingPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Heddle</title>
<body><h1>Heddle is running</h1>
<p>The web app has not been built. Run <code>npm run build</code> in the project folder and load this page again.</p>
<p>The API works: see <a href="/api/docs">/api/docs</a>.</p></body></html>`;

/** Where the page says what its addresses are relative to. */
const baseElement = /<base href="[^"]*"\s*\/?>/;

/**
 * Serves the built web app. Every address that is not a file and not part of
 * the API shows it: the app itself knows its pages. Files with a hash in their
 * name never change and are kept by browsers for a year.
 */
export function serveWebApp(app: Express, webDir: string, base: BasePathSettings): void {
  const assetsDir = path.join(webDir, 'assets') + path.sep;
  app.use(sendCompressedCopies(webDir));
  app.use(
    express.static(webDir, {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      setHeaders: (response, file) => {
        const isHashed = file.startsWith(assetsDir);
        response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  app.get('/{*path}', async (request: Request, response: Response, next: () => void) => {
    if (isApiPath(request.path) || path.extname(request.path) !== '') return next();
    const index = path.join(webDir, 'index.html');
    response.setHeader('Cache-Control', 'no-cache');
    const basePath = basePathOf(request, base);
    const page = await readFile(index, 'utf8').catch(() => null);
    if (page === null)
      response
        .status(503)
        .type('html')
        .send(missingPage.replace('"/api/docs"', `"${basePath}/api/docs"`));
    else response.type('html').send(page.replace(baseElement, `<base href="${basePath}/" />`));
  });
}

/** Scripts and style sheets, which the build keeps a compressed copy of; their names have a hash in them. */
const compressible = /^\/assets\/([\w.-]+\.(js|css))$/;

/** Sends the compressed copy of a file to clients that take it, where there is one. */
function sendCompressedCopies(webDir: string) {
  return async (request: Request, response: Response, next: () => void) => {
    const name = compressible.exec(request.path)?.[1];
    if (name === undefined || !['GET', 'HEAD'].includes(request.method)) return next();
    response.vary('Accept-Encoding');
    const copy = path.join(webDir, 'assets', `${name}.gz`);
    if (request.acceptsEncodings('gzip') !== 'gzip' || !(await exists(copy))) return next();
    response.type(path.extname(name)).set('Content-Encoding', 'gzip');
    response.set('Cache-Control', 'public, max-age=31536000, immutable');
    response.sendFile(copy, { cacheControl: false, dotfiles: 'allow' });
  };
}

/** Addresses that are answered with a problem document instead of the web app. */
export function isApiPath(requestPath: string): boolean {
  return /^\/(?:api|hooks|socket\.io)(?:\/|$)/.test(requestPath);
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
