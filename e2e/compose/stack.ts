import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One installation under its own name, port and settings, driven as an operator would. */
export interface ComposeStack {
  readonly url: string;
  readonly apiKey: string;
  /** `docker compose ...`; rejects with everything it printed, without passwords, when it fails. */
  compose(...args: readonly string[]): Promise<string>;
  /** The same without the rejection. */
  tryCompose(args: readonly string[]): Promise<Answer>;
  docker(...args: readonly string[]): Promise<string>;
  /** Ids of the running containers of a service. */
  containers(service: string): Promise<string[]>;
  /** Rows of a query on the installation's database, columns apart by `|`. */
  query(sql: string): Promise<string[][]>;
  /** The command line program, in a container of its own. */
  heddle(...args: readonly string[]): Promise<string>;
  /** Writes the settings that .env would hold; they count from the next `up`. */
  configure(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Removes containers, networks, volumes and settings. */
  dispose(): Promise<void>;
}

/** What a build or a first start may take. */
const commandTimeoutMs = 900_000;

/** @param image what is built and run; another stack of the same image needs no build */
export async function createComposeStack(image: string): Promise<ComposeStack> {
  const project = `heddle-test-${randomBytes(4).toString('hex')}`;
  const port = await freePort();
  const apiKey = `hdl_${randomBytes(32).toString('base64url')}`;
  const folder = await mkdtemp(join(tmpdir(), 'heddle-compose-'));
  const envFile = join(folder, 'settings.env');
  const fixed = {
    HEDDLE_IMAGE: image,
    PORT: String(port),
    BIND_ADDRESS: '127.0.0.1',
    BOOTSTRAP_API_KEY: apiKey,
    HEDDLE_ENV_FILE: envFile,
  };
  const writeSettings = (settings: Readonly<Record<string, string>>) =>
    writeFile(
      envFile,
      Object.entries({ ...fixed, ...settings })
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  await writeSettings({});

  const tryCompose = (args: readonly string[], options: RunOptions = {}) =>
    run(['compose', '--project-name', project, '--env-file', envFile, '--progress', 'plain', ...args], options);
  const orThrow = async (args: readonly string[], answer: Promise<Answer>): Promise<string> => {
    const { code, stdout, stderr } = await answer;
    if (code === 0) return stdout;
    const text = `docker ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`;
    throw new Error(text.replaceAll(apiKey, '***').replaceAll(/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, '$1***@'));
  };
  const compose = (...args: readonly string[]) => orThrow(['compose', ...args], tryCompose(args));

  return {
    url: `http://127.0.0.1:${port}`,
    apiKey,
    compose,
    tryCompose: (args) => tryCompose(args),
    docker: (...args) => orThrow(args, run(args)),
    containers: async (service) => (await compose('ps', '-q', service)).split('\n').filter((id) => id !== ''),
    query: async (sql) => {
      const psql = ['exec', '-T', 'postgres', 'psql', '-U', 'heddle', '-d', 'heddle', '-v', 'ON_ERROR_STOP=1', '-At'];
      // By its input: the ids of thousands of runs do not fit into an argument.
      const text = await orThrow(psql, tryCompose(psql, { input: sql }));
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('|'));
    },
    heddle: (...args) => compose('run', '--rm', '-T', 'heddle', ...args),
    configure: writeSettings,
    dispose: async () => {
      await tryCompose(['--profile', '*', 'down', '--volumes', '--remove-orphans', '--timeout', '5']);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface RunOptions {
  /** What the command reads. Default nothing. */
  readonly input?: string;
}

function run(args: readonly string[], { input = '' }: RunOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { cwd: projectRoot, stdio: 'pipe', timeout: commandTimeoutMs });
    // A command that ends before it has read everything tells so by its code.
    child.stdin.on('error', () => {}).end(input);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
  });
}

/** A port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
