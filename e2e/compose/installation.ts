import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { must } from './checks.ts';
import { testSettings, type ComposeContext } from './context.ts';
import { projectRoot } from './stack.ts';

/** What the image may weigh on top of its base: programs, ffmpeg and node_modules. */
const maxOwnBytes = 650e6;

const wellKnownPasswords =
  /(?:password|passwd|secret|_key)["']?\s*[:=]\s*["']?(?:admin|changeme|postgres|heddle|password|secret|redis|minioadmin|rustfsadmin|root|test|default)\b/i;

/** Building, the first start on an empty machine, and what the containers may do. */
export async function checkInstallation({ checks, stack, api, image }: ComposeContext): Promise<void> {
  await checks.check('the compose file is valid with every profile, and with services of your own', async () => {
    for (const args of [
      ['config', '-q'],
      ['--profile', '*', 'config', '-q'],
      ['-f', 'docker-compose.yml', '-f', 'docker/compose.managed.yml', 'config', '-q'],
    ]) {
      await stack.compose(...args);
    }
  });

  await checks.check('no file of the deployment holds a well-known password', async () => {
    const folder = readdirSync(join(projectRoot, 'docker'), { recursive: true, withFileTypes: true });
    const files = folder
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)));
    must(files.length >= 10, `only ${files.length} files were found`);
    for (const file of ['docker-compose.yml', '.env.example', ...files]) {
      const found = readFileSync(join(projectRoot, file), 'utf8')
        .split('\n')
        .find((line) => wellKnownPasswords.test(line));
      must(found === undefined, `${file}: ${found}`);
    }
    return `${files.length + 2} files`;
  });

  await checks.require('the image builds', async () => {
    await stack.compose('build', 'setup');
    const size = Number(await stack.docker('image', 'inspect', image, '--format', '{{.Size}}'));
    const base = Number(await stack.docker('image', 'inspect', 'node:24-bookworm-slim', '--format', '{{.Size}}'));
    must(size - base < maxOwnBytes, `it has ${size} bytes, ${base} of them the base`);
    const labels = await stack.docker('image', 'inspect', image, '--format', '{{json .Config.Labels}}');
    must(labels.includes('"org.opencontainers.image.licenses":"Apache-2.0"'), labels);
    return `${Math.round(size / 1e6)} MB, ${Math.round((size - base) / 1e6)} MB on top of node`;
  });

  await checks.check('setup refuses a well-known password, and nothing starts', async () => {
    await stack.configure({ BOOTSTRAP_PASSWORD: 'heddle123456' });
    const { code, stderr, stdout } = await stack.tryCompose(['up', '-d', '--wait']);
    must(code !== 0, 'it started');
    const log = await stack.compose('logs', 'setup');
    must(/BOOTSTRAP_PASSWORD is one that everybody tries first/.test(log), log + stderr + stdout);
    must((await stack.containers('server')).length === 0, 'a server runs');
    await stack.compose('down', '--volumes');
  });

  await checks.require('up on an empty machine: everything healthy, nothing edited', async () => {
    await stack.configure(testSettings);
    await stack.compose('up', '-d', '--wait', '--scale', 'worker=3');
    const answer = await fetch(`${stack.url}/readyz`);
    must(answer.status === 200, `readyz answered ${answer.status}`);
    must((await stack.containers('worker')).length === 3, 'there are not three workers');
  });

  await checks.check('the owner signs in with the generated password', async () => {
    const password = await stack.compose('exec', '-T', 'server', 'cat', '/secrets/heddle/bootstrap-password');
    const answer = await fetch(`${stack.url}/api/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: stack.url },
      body: JSON.stringify({ email: 'owner@heddle.internal', password }),
    });
    must(answer.status === 200 || answer.status === 204, `${answer.status} ${await answer.text()}`);
    const page = await fetch(stack.url);
    must(page.status === 200 && (await page.text()).includes('<div id="root"'), 'the web app is not served');
  });

  await checks.check('no secret is in a log or in the settings of a container', async () => {
    const logs = await stack.compose('logs', '--no-color');
    const inServer = (...command: readonly string[]) => stack.compose('exec', '-T', 'server', ...command);
    const files = (await inServer('ls', '/secrets/heddle')).split('\n').filter((name) => name !== '');
    const texts = new Map<string, string>();
    for (const name of files) texts.set(name, await inServer('cat', `/secrets/heddle/${name}`));
    const secrets = [...texts.values()]
      // Empty: nobody gave one, and nothing needs it.
      .filter((text) => text !== '')
      .map((text) => (URL.canParse(text) ? new URL(text).password : text));
    for (const name of ['database-url', 'redis-url', 'bootstrap-password', 'secrets-key']) {
      must((texts.get(name) ?? '') !== '', `there is no ${name}`);
    }
    must(new Set(secrets).size === secrets.length && secrets.every((secret) => secret.length > 40), 'weak secrets');
    const services = ['server', 'worker', 'migrate', 'postgres', 'redis'];
    for (const service of services) {
      const ids = (await stack.compose('ps', '--all', '-q', service)).split('\n').filter((id) => id !== '');
      const settings = await stack.docker('inspect', ...ids);
      must(!secrets.some((secret) => settings.includes(secret)), `${service}: a secret is in its settings`);
    }
    must(!secrets.some((secret) => logs.includes(secret)), 'a secret is in a log');
    return `${secrets.length} secrets, ${services.length} services, ${logs.length} characters of logs`;
  });

  await checks.check('the programs run unprivileged, on a read-only system, with jemalloc', async () => {
    for (const service of ['server', 'worker']) {
      const script = `
        const { readFileSync, writeFileSync } = require('node:fs');
        const status = readFileSync('/proc/self/status', 'utf8');
        let isReadOnly = false;
        try { writeFileSync('/app/x', ''); } catch (error) { isReadOnly = error.code === 'EROFS'; }
        console.log(JSON.stringify({
          uid: process.getuid(), node: process.versions.node.split('.')[0], isReadOnly,
          capabilities: /CapEff:\\s*0+\\n/.test(status) && /CapBnd:\\s*0+\\n/.test(status),
          noNewPrivileges: /NoNewPrivs:\\s*1/.test(status),
          jemalloc: readFileSync('/proc/self/maps', 'utf8').includes('jemalloc'),
          init: readFileSync('/proc/1/cmdline', 'utf8').includes('init'),
        }))`;
      const found = (await stack.compose('exec', '-T', service, 'node', '-e', script)).trim();
      const wanted = {
        uid: 1000,
        node: '24',
        isReadOnly: true,
        capabilities: true,
        noNewPrivileges: true,
        jemalloc: true,
        init: true,
      };
      must(found === JSON.stringify(wanted), `${service}: ${found}`);
    }
  });

  await checks.check('heddle doctor finds nothing to mend inside the containers', async () => {
    const text = await stack.compose('exec', '-T', 'worker', 'node', 'dist/cli/main.js', 'doctor');
    must(text.includes('Heddle can run here.'), text);
  });

  await checks.check('up again changes nothing', async () => {
    const ids = async () => [...(await stack.containers('server')), ...(await stack.containers('worker'))].join(' ');
    const before = await ids();
    await stack.compose('up', '-d', '--wait', '--scale', 'worker=3');
    must((await ids()) === before, 'containers were made anew');
    const log = await stack.compose('logs', 'migrate');
    must(log.includes('the schema is up to date'), log);
  });

  await checks.check('an unknown key is refused at the public port', async () => {
    const answer = await fetch(`${stack.url}/api/workflows`, { headers: { authorization: `Bearer ${stack.apiKey}x` } });
    must(answer.status === 401, `it answered ${answer.status}`);
    must((await api.request('GET', '/api/workflows')).status === 200, 'the right key is refused');
  });
}
