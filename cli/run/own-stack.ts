import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findFreePort } from '../../embedded/free-port.ts';
import { removeDataDir } from '../../embedded/remove-data-dir.ts';
import type { CliConfig } from '../config.ts';
import { createEmbeddedStack } from '../stack/embedded-stack.ts';

interface OwnStack {
  readonly server: string;
  readonly apiKey: string;
  /** Stops it and deletes its data. */
  dispose(): Promise<void>;
}

/** Starts a stack for one run: in a temporary folder, on a free port, with a key that only this process knows. */
export async function startOwnStack(config: CliConfig, say: (text: string) => void): Promise<OwnStack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'heddle-run-'));
  // Postgres runs as another user when this process is root, and must be able to walk in.
  if (process.getuid?.() === 0) await chmod(dataDir, 0o711);
  // The form of an API key: hdl_ and 43 characters of base64url.
  const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
  const port = await findFreePort();
  const assetsUrl = pathToFileURL(join(dataDir, 'assets')).href;
  const stack = createEmbeddedStack({
    config: {
      ...config,
      dataDir,
      assetsUrl,
      port,
      host: '127.0.0.1',
      databaseUrl: null,
      databaseDirectUrl: null,
      redisUrl: null,
    },
    say,
    onLost: say,
    extraEnvironment: {
      BOOTSTRAP_EMAIL: 'run@localhost.localdomain',
      BOOTSTRAP_PASSWORD: randomBytes(16).toString('base64url'),
      BOOTSTRAP_API_KEY: apiKey,
    },
  });
  const dispose = async (): Promise<void> => {
    await stack.stop();
    await removeDataDir(dataDir);
  };
  try {
    const { url } = await stack.start();
    return { server: url, apiKey, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
