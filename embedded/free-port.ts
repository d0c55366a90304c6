import { createServer } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';

/** The only address that embedded services listen on. */
export const loopback = '127.0.0.1';

/** True when `port` of `host` (default: the loopback address) can be listened on. */
export async function isPortFree(port: number, host: string = loopback): Promise<boolean> {
  return (await tryListen(port, host)) !== undefined;
}

/** A port that the system hands out; free at this moment. */
export async function findFreePort(): Promise<number> {
  const port = await tryListen(0, loopback);
  if (port === undefined) throw new Error(`No port could be opened on ${loopback}.`);
  return port;
}

/**
 * The port noted in `path` when it is still free, else a free one, which is
 * noted for the next start. Addresses thus stay the same over restarts.
 */
export async function keepPort(path: string): Promise<number> {
  const noted = await readFile(path, 'utf8').then(Number, () => Number.NaN);
  if (Number.isInteger(noted) && noted > 0 && noted < 65_536 && (await isPortFree(noted))) return noted;
  const port = await findFreePort();
  await writeFile(path, `${port}\n`);
  return port;
}

function tryListen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
    });
  });
}
