import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

describe('the web app', () => {
  test('that was not built is a page that says how', async () => {
    const answer = await server.call('GET', '/');
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('npm run build');
  });

  test('is shown at every address that is neither a file nor part of the API', async () => {
    const { webDir } = server.config;
    await mkdir(path.join(webDir, 'assets'), { recursive: true });
    await writeFile(path.join(webDir, 'index.html'), '<p>the app</p>');
    await writeFile(path.join(webDir, 'assets', 'app-1a2b.js'), 'app()');
    await writeFile(path.join(webDir, '..', 'secret.txt'), 'top secret');
    for (const address of ['/', '/workflows/5', '/sign-in?token=x', '/runs']) {
      const answer = await server.call('GET', address);
      expect({ address, text: answer.text }).toEqual({ address, text: '<p>the app</p>' });
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
    const script = await server.call('GET', '/assets/app-1a2b.js');
    expect(script.text).toBe('app()');
    expect(script.headers.get('cache-control')).toContain('immutable');
    for (const address of ['/assets/none.js', '/favicon.png', '/api/none', '/socket.io/x/y']) {
      expect({ address, app: (await server.call('GET', address)).text.includes('the app') }).toEqual({
        address,
        app: false,
      });
    }
    for (const address of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt']) {
      expect((await server.call('GET', address)).text).not.toContain('top secret');
    }
    await rm(webDir, { recursive: true });
  });

  test('comes compressed where the build left a compressed copy and the client takes it', async () => {
    const assets = path.join(server.config.webDir, 'assets');
    await mkdir(assets, { recursive: true });
    await writeFile(path.join(assets, 'app-1a2b.js'), 'app()');
    await writeFile(path.join(assets, 'app-1a2b.js.gz'), gzipSync('compressed()'));
    const get = async (encoding: string) => {
      const answer = await fetch(`${server.url}/assets/app-1a2b.js`, { headers: { 'accept-encoding': encoding } });
      return { headers: answer.headers, text: await answer.text() };
    };
    const compressed = await get('gzip, br');
    expect(compressed.text).toBe('compressed()');
    expect(compressed.headers.get('content-encoding')).toBe('gzip');
    expect(compressed.headers.get('content-type')).toContain('javascript');
    expect(compressed.headers.get('cache-control')).toContain('immutable');
    expect(compressed.headers.get('vary')).toContain('Accept-Encoding');
    expect((await get('identity')).text).toBe('app()');
    await rm(server.config.webDir, { recursive: true });
  });
});
