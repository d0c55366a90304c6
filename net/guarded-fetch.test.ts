import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { FetchLimits } from '../core/limits.ts';
import { createAddressRules } from './address-rules.ts';
import { createGuardedFetcher } from './guarded-fetch.ts';

/*
 * 127.0.0.2 plays the public internet (the rules name it); 127.0.0.1 stays
 * private, and whatever reaches the canary there has got past the guard.
 */
const publicAddress = '127.0.0.2';
const mib = 1_048_576;

let folder: string;
let server: Server;
let canary: Server;
let port: number;
let canaryRequests = 0;
let handle: RequestListener;
let fileCount = 0;
const signal = new AbortController().signal;

async function listen(host: string, onPort: number, listener: RequestListener): Promise<Server> {
  const started = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    started.once('error', reject).listen(onPort, host, resolve);
  });
  return started;
}

async function close(target: Server): Promise<void> {
  target.closeAllConnections();
  await new Promise((resolve) => target.close(resolve));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-fetch-'));
  server = await listen(publicAddress, 0, (request, response) => handle(request, response));
  port = (server.address() as AddressInfo).port;
  canary = await listen('127.0.0.1', port, (_request, response) => {
    canaryRequests += 1;
    response.end('secret');
  });
});

afterEach(() => {
  expect(canaryRequests).toBe(0);
});

afterAll(async () => {
  await close(server);
  await close(canary);
  await rm(folder, { recursive: true });
});

function fetcherWith(
  limits: Partial<FetchLimits> = {},
  answers: (hostname: string) => readonly string[] = () => [publicAddress],
) {
  const asked: string[] = [];
  const fetcher = createGuardedFetcher({
    rules: createAddressRules({ allow: [`${publicAddress}/32`], ports: [80, 443, port] }),
    resolve: async (hostname) => {
      asked.push(hostname);
      return answers(hostname);
    },
    limits,
  });
  const download = (path: string, options: { maxBytes?: number; signal?: AbortSignal; host?: string } = {}) => {
    const file = join(folder, String((fileCount += 1)));
    const address = path.startsWith('http') ? path : `http://${options.host ?? 'example.com'}:${port}${path}`;
    return {
      file,
      result: fetcher.download(address, { file, maxBytes: options.maxBytes ?? mib, signal: options.signal ?? signal }),
    };
  };
  return { download, asked };
}

async function failure(attempt: { file: string; result: Promise<unknown> }): Promise<{ code: string; name: string }> {
  const error = await attempt.result.then(
    () => {
      throw new Error('the download went through');
    },
    (reason: { code: string; name: string }) => reason,
  );
  expect(existsSync(attempt.file)).toBe(false);
  return { code: error.code, name: error.name };
}

test('a body is streamed into the file and counted', async () => {
  handle = (request, response) => {
    expect(request.headers.host).toBe(`example.com:${port}`);
    response.setHeader('content-type', 'image/png');
    response.end(`${request.url} body`);
  };
  const { file, result } = fetcherWith().download('/a.png?x=1');
  expect(await result).toEqual({ url: `http://example.com:${port}/a.png?x=1`, contentType: 'image/png', bytes: 15 });
  expect(await readFile(file, 'utf8')).toBe('/a.png?x=1 body');
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const)('a body packed as %s is unpacked', async (encoding, pack) => {
  handle = (_request, response) => {
    response.setHeader('content-encoding', encoding);
    response.end(pack(Buffer.from('unpacked')));
  };
  const { file, result } = fetcherWith().download('/');
  expect((await result).bytes).toBe(8);
  expect(await readFile(file, 'utf8')).toBe('unpacked');
});

describe('attack 2: the address', () => {
  test('of a name that resolves to a private address is refused', async () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '168.63.129.16']) {
      const { download } = fetcherWith({}, () => [address]);
      expect(await failure(download('/'))).toEqual({ code: 'URL_NOT_ALLOWED', name: 'TerminalError' });
    }
  });

  test('is refused where a name has a public and a private address', async () => {
    const { download } = fetcherWith({}, () => [publicAddress, '::1']);
    expect((await failure(download('/'))).code).toBe('URL_NOT_ALLOWED');
  });

  test('that was checked is the one that is reached, whatever the name says later', async () => {
    let turn = 0;
    handle = (_request, response) => response.end('public');
    const { download, asked } = fetcherWith({}, () => [(turn += 1) === 1 ? publicAddress : '127.0.0.1']);
    const { file, result } = download('/');
    await result;
    expect(await readFile(file, 'utf8')).toBe('public');
    expect(asked).toEqual(['example.com']);
  });

  test('of an unknown name may be right later', async () => {
    const { download } = fetcherWith({}, () => []);
    expect(await failure(download('/'))).toEqual({ code: 'DOWNLOAD_FAILED', name: 'RetryableError' });
  });
});

describe('attack 2: a redirect', () => {
  test('is followed three times, and not a fourth', async () => {
    handle = (request, response) => {
      const redirects = Number(request.url?.slice(1));
      if (redirects === 0) response.end('there');
      else response.writeHead(302, { location: `/${redirects - 1}` }).end();
    };
    const { download } = fetcherWith();
    expect((await download('/3').result).url).toBe(`http://example.com:${port}/0`);
    expect(await failure(download('/4'))).toEqual({ code: 'TOO_MANY_REDIRECTS', name: 'TerminalError' });
  });

  test.each([
    'http://127.0.0.1:PORT/',
    'http://2130706433:PORT/',
    'http://[::ffff:7f00:1]:PORT/',
    'http://localhost:PORT/',
  ])('to %s is refused', async (location) => {
    handle = (_request, response) => {
      response.writeHead(302, { location: location.replace('PORT', String(port)) }).end();
    };
    expect((await failure(fetcherWith().download('/'))).code).toBe('URL_NOT_ALLOWED');
  });

  test('to a name that turns private is refused', async () => {
    handle = (_request, response) => response.writeHead(307, { location: `http://evil.example.com:${port}/` }).end();
    const { download } = fetcherWith({}, (hostname) => (hostname.startsWith('evil') ? ['127.0.0.1'] : [publicAddress]));
    expect((await failure(download('/'))).code).toBe('URL_NOT_ALLOWED');
  });
});

describe('attack 4: a body is cut off', () => {
  test('when it never ends', async () => {
    handle = (_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', write);
      write();
    };
    expect(await failure(fetcherWith().download('/'))).toEqual({ code: 'DOWNLOAD_TOO_LARGE', name: 'TerminalError' });
  });

  test('when its length is announced as too large', async () => {
    handle = (_request, response) => response.writeHead(200, { 'content-length': 2 * mib }).flushHeaders();
    expect((await failure(fetcherWith().download('/'))).code).toBe('DOWNLOAD_TOO_LARGE');
  });

  test('when it unpacks to too much', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * mib));
    expect(bomb.byteLength).toBeLessThan(mib);
    handle = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect((await failure(fetcherWith().download('/'))).code).toBe('DOWNLOAD_TOO_LARGE');
  });

  test('when it is shorter than announced', async () => {
    handle = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('short', () => response.destroy());
    };
    expect(await failure(fetcherWith().download('/'))).toEqual({ code: 'DOWNLOAD_FAILED', name: 'RetryableError' });
  });

  test('when it is not what its encoding says', async () => {
    handle = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain');
    expect((await failure(fetcherWith().download('/'))).code).toBe('DOWNLOAD_FAILED');
    handle = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end('plain');
    expect(await failure(fetcherWith().download('/'))).toEqual({ code: 'DOWNLOAD_FAILED', name: 'TerminalError' });
  });
});

describe('attack 4: a server that is too slow is left', () => {
  test('when no headers come', async () => {
    handle = () => undefined;
    const attempt = fetcherWith({ headersTimeoutMs: 200 }).download('/');
    expect(await failure(attempt)).toEqual({ code: 'DOWNLOAD_TIMEOUT', name: 'RetryableError' });
  });

  test('when the body falls silent', async () => {
    handle = (_request, response) => void response.write('a');
    expect((await failure(fetcherWith({ idleTimeoutMs: 200 }).download('/'))).code).toBe('DOWNLOAD_TIMEOUT');
  });

  test('when the body drips for too long', async () => {
    handle = (_request, response) => {
      const drip = setInterval(() => response.write('a'), 50);
      response.on('close', () => clearInterval(drip));
    };
    const attempt = fetcherWith({ idleTimeoutMs: 5_000, totalTimeoutMs: 400 }).download('/');
    expect((await failure(attempt)).code).toBe('DOWNLOAD_TIMEOUT');
  });

  test('when the caller gives up, with the reason of the caller', async () => {
    const controller = new AbortController();
    const reason = new Error('run cancelled');
    handle = (_request, response) => {
      response.write('a');
      controller.abort(reason);
    };
    const { file, result } = fetcherWith().download('/', { signal: controller.signal });
    await expect(result).rejects.toBe(reason);
    expect(existsSync(file)).toBe(false);
  });
});

test.each([
  [404, 'TerminalError'],
  [403, 'TerminalError'],
  [429, 'RetryableError'],
  [503, 'RetryableError'],
])('the answer HTTP %i is a %s', async (status, name) => {
  handle = (_request, response) => response.writeHead(status).end('no');
  expect(await failure(fetcherWith().download('/'))).toEqual({ code: 'DOWNLOAD_FAILED', name });
});

test('a refused connection may be right later', async () => {
  const closed = await listen(publicAddress, 0, () => undefined);
  const closedPort = (closed.address() as AddressInfo).port;
  await close(closed);
  const fetcher = createGuardedFetcher({
    rules: createAddressRules({ allow: [`${publicAddress}/32`] }),
    resolve: async () => [publicAddress],
  });
  const file = join(folder, 'refused');
  const result = fetcher.download(`http://${publicAddress}:${closedPort}/`, { file, maxBytes: 10, signal });
  expect(await failure({ file, result })).toEqual({ code: 'DOWNLOAD_FAILED', name: 'RetryableError' });
});
