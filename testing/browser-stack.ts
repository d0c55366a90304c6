import { access } from 'node:fs/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { startFakeGemini } from './fake-gemini.ts';
import type { FakeModelServer } from './fake-model-server.ts';
import {
  createTestInstallation,
  type InstalledServer,
  type probedPrograms,
  type TestInstallation,
} from './installation.ts';

const email = 'owner@example.org';
const password = 'a long enough password';
const geminiKey = 'the-right-key';

/** Where browsers are looked for. */
const browserPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A page, and what went wrong on it that a person would not see. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Console errors, uncaught errors, and requests to another host. */
  readonly troubles: string[];
}

/** The whole product with a real browser in front and a fake model provider behind it. */
export interface BrowserStack {
  readonly server: InstalledServer;
  /** Kills the server and starts another one at its address. */
  restartServer(): Promise<void>;
  readonly installation: TestInstallation;
  readonly gemini: FakeModelServer;
  /** A signed-in page in a context of its own. */
  open(options?: { theme?: 'light' | 'dark'; width?: number; height?: number; path?: string }): Promise<WatchedPage>;
  /** A page without an account. */
  openFresh(): Promise<WatchedPage>;
  stop(): Promise<void>;
}

export async function startBrowserStack(
  env: Readonly<Record<string, string>> = {},
  programs?: typeof probedPrograms,
  launched?: Browser,
): Promise<BrowserStack> {
  const gemini = await startFakeGemini({ apiKey: geminiKey });
  const settings = { BOOTSTRAP_PASSWORD: password, GEMINI_API_KEY: geminiKey, GEMINI_BASE_URL: gemini.url, ...env };
  const installation = await createTestInstallation('redis', settings, programs);
  const server = await installation.startServer();
  await installation.startWorker();
  const browser = launched ?? (await launchBrowser());
  const response = await fetch(`${server.url}/api/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify({ email, password }),
  });
  const cookie = /^([^=]+)=([^;]+)/.exec(response.headers.get('set-cookie') ?? '');
  if (cookie === null) throw new Error(`Signing in gave no cookie: ${response.status} ${await response.text()}`);
  const [, name = '', value = ''] = cookie;

  async function watch(context: BrowserContext): Promise<WatchedPage> {
    // A little less than what a test has, so that what never comes is named; a busy machine only takes longer.
    context.setDefaultTimeout(270_000);
    const page = await context.newPage();
    const troubles: string[] = [];
    page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      // The network of the machine itself changed (a container came or went): that is nobody's fault here.
      if (message.type() !== 'error' || message.text().includes('net::ERR_NETWORK_CHANGED')) return;
      troubles.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !/^(blob|data):/.test(url)) troubles.push(`foreign request: ${url}`);
    });
    return { page, context, troubles };
  }

  return {
    server,
    restartServer: async () => {
      await server.process.kill('SIGKILL');
      await installation.startServer({ PORT: new URL(server.url).port });
    },
    installation,
    gemini,
    open: async ({ theme = 'dark', width = 1440, height = 900, path = '/' } = {}) => {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
      // With what the server says about it.
      await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
      const watched = await watch(context);
      await watched.page.goto(server.url + path);
      return watched;
    },
    openFresh: async () => watch(await browser.newContext({ viewport: { width: 1440, height: 900 } })),
    stop: async () => {
      await browser.close();
      await installation.stop();
      await gemini.stop();
    },
  };
}

/** Headless Chromium. Throws where none is installed. */
export async function launchBrowser(): Promise<Browser> {
  for (const executablePath of browserPaths) {
    const isThere = await access(executablePath).then(
      () => true,
      () => false,
    );
    if (isThere) return chromium.launch({ executablePath, args: browserArguments });
  }
  throw new Error(`No browser found. Install Chromium; looked for ${browserPaths.join(', ')}.`);
}

export const account = { email, password };
