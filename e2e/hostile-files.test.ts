import { describe, expect, test } from '@jest/globals';
import { chmod, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { eventually } from '../testing/eventually.ts';
import { mediaPath } from '../testing/media.ts';
import { testStack } from './stack.ts';

/*
 * Files of users come from the address of the app itself. Here every check at the upload has failed, so that pages and drawings
 * with scripts lie in the store under their own types: in a real browser, signed in, nothing in them may run.
 */
const stack = testStack();

/** What of the attack reached the server, which logs every request. */
const seen = (name: string) =>
  [...stack.server.process.output().matchAll(new RegExp(`/api/${name}-\\w+`, 'g'))].map(([path_]) => path_);
const attacksSeen = () => seen('attack');

/** Asks the server for something with the cookie of whoever looks at it, as code that runs could. */
const attack = `
  document.title = 'it ran';
  fetch('/api/attack-fetch', { credentials: 'include' });
  new Image().src = '/api/attack-image?' + encodeURIComponent(document.cookie);
  try { localStorage.setItem('attack', 'it ran'); } catch {}
  try { parent.document.title = 'it ran in the app'; } catch {}
  location.hash = 'attack';
`;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="document.title='it ran'"><script><![CDATA[${attack}]]></script><rect width="9" height="9"/></svg>`;
const html = `<!doctype html><html><head><title>quiet</title><meta http-equiv="refresh" content="1;url=/api/attack-refresh"><script>${attack}</script></head>
<body onload="fetch('/api/attack-onload')"><img src="x" onerror="fetch('/api/attack-onerror')"><iframe srcdoc="<script>${attack}</script>"></iframe>
<form action="/api/attack-form" method="post"><button>x</button></form><script>setTimeout(() => document.forms[0].submit(), 500)</script>
<link rel="stylesheet" href="/api/attack-style"><object data="/api/attack-object"></object></body></html>`;

const hostile: readonly [string, string, string | Buffer][] = [
  ['a page', 'text/html', html],
  ['a drawing', 'image/svg+xml', svg],
  [
    'an XML page',
    'application/xhtml+xml',
    `<html xmlns="http://www.w3.org/1999/xhtml"><script>${attack.replaceAll('&', '&amp;')}</script></html>`,
  ],
  ['a picture that is also a page', 'image/gif', Buffer.concat([Buffer.from('GIF89a/*'), Buffer.from(html)])],
  ['a page that is called a picture', 'image/png', html],
  ['a file of no type', 'application/octet-stream', html],
];

let planted = 0;

/** Puts bytes and a type where those of a harmless picture were. */
async function plant(type: string, content: string | Buffer): Promise<string> {
  const { installation, server } = stack;
  planted += 1;
  const picture = mediaPath(`planted-${planted}.png`);
  await sharp({ create: { width: 10 + planted, height: 10, channels: 3, background: 'navy' } })
    .png()
    .toFile(picture);
  const asset = await server.api.upload(picture);
  const entries = await readdir(path.join(installation.dataDir, 'assets'), { recursive: true, withFileTypes: true });
  const blob = entries.find(
    (entry) => entry.isFile() && path.join(entry.parentPath, entry.name).includes(asset.sha256),
  );
  const file = path.join(blob!.parentPath, blob!.name);
  await chmod(file, 0o600);
  await writeFile(file, content);
  await installation.pool.query(`update assets set mime_type = $2, bytes = $3 where id = $1`, [
    asset.id,
    type,
    Buffer.byteLength(content),
  ]);
  return asset.url;
}

/** Milliseconds that the attack took where nothing held it back, on this machine as busy as it is; its last timer fires after one second. */
let attackMs = 1_000;

/** Waits three times as long as the attack needs. The page itself cannot be asked: where scripts may not run, no timer fires. */
const untilAttackWouldBeOver = () => sleep(3 * attackMs);

describe('attack 7: a file in the store that is', () => {
  test('the attack is one that works where nothing holds it back', async () => {
    const { page, context } = await stack.open();
    const before = performance.now();
    // By names of its own, so that nothing of it is taken for an attack that got through.
    const control = html.replaceAll('/api/attack-', '/api/control-');
    await page.route('**/planted.html', (route) => route.fulfill({ contentType: 'text/html', body: control }));
    await page.goto(`${stack.server.url}/planted.html`).catch(() => null);
    await eventually(() =>
      expect(seen('control')).toEqual(
        expect.arrayContaining(['/api/control-style', '/api/control-fetch', '/api/control-form']),
      ),
    );
    attackMs = Math.max(attackMs, performance.now() - before);
    await context.close();
  });

  test.each(hostile)('%s runs nothing in a browser that is signed in', async (_what, type, content) => {
    const url = await plant(type, content);
    const { page, context } = await stack.open();
    const asked: string[] = [];
    context.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));

    // Alone in its own tab, as from a link that somebody sent.
    const answer = await page.goto(stack.server.url + url).catch(() => null);
    if (answer !== null) {
      expect(answer.headers()['content-security-policy']).toMatch(/; sandbox$/);
      expect(answer.headers()['x-content-type-options']).toBe('nosniff');
    }
    await untilAttackWouldBeOver();
    expect(await page.title()).not.toBe('it ran');
    expect(new URL(page.url()).hash).toBe('');

    // In a frame and as a picture on a page of the app, where a frame that may do everything would reach the app.
    await page.goto(`${stack.server.url}/settings`);
    await page.getByRole('heading', { name: 'Settings' }).first().waitFor();
    await page.evaluate((source) => {
      for (const name of ['iframe', 'img', 'embed', 'object'] as const) {
        const element = document.createElement(name);
        element.setAttribute(name === 'object' ? 'data' : 'src', source);
        document.body.append(element);
      }
    }, url);
    await untilAttackWouldBeOver();
    expect(await page.title()).not.toContain('it ran');
    expect(await page.evaluate(() => localStorage.getItem('attack'))).toBeNull();
    expect(asked).toContain(`GET ${url}`);
    expect(attacksSeen()).toEqual([]);
    // What a script of the app itself would see of the cookie: nothing.
    expect(await page.evaluate(() => document.cookie)).toBe('');
    await context.close();
  });
});
