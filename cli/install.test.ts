import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { projectRoot } from '../testing/processes.ts';

const run = promisify(execFile);

/** Stands for npm: installs what the manifest names as empty folders, notes what it was asked for, and dies where it is to. */
const fakeNpm = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { dependencies, devDependencies, optionalDependencies } = read('package.json');
const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
appendFileSync(process.env.ASKED, names.join(' ') + '\\n');
mkdirSync('node_modules', { recursive: true });
if (process.env.DIES) process.exit(1);
for (const name of names) {
  mkdirSync('node_modules/' + name, { recursive: true });
  for (const file of (process.env.FILES ?? 'index.js').split(' ')) {
    mkdirSync(dirname('node_modules/' + name + '/' + file), { recursive: true });
    writeFileSync('node_modules/' + name + '/' + file, '');
  }
}
const packages = Object.fromEntries(names.map((name) => ['node_modules/' + name, { version: '1.0.0' }]));
writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }));
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-install-'));
  await cp(join(projectRoot, 'cli', 'bootstrap'), join(folder, 'cli', 'bootstrap'), { recursive: true });
  await mkdir(join(folder, 'npm'));
  await writeFile(join(folder, 'npm', 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'npm', 'cli.js'), fakeNpm);
  await nameBuildPackages(['builder']);
  const manifest = { dependencies: { server: '1.0.0' }, devDependencies: { builder: '1.0.0', tester: '1.0.0' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  const packages = { '': manifest, ...lockOf(['server', 'builder', 'tester']) };
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
});
afterEach(() => rm(folder, { recursive: true }));

const lockOf = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version: '1.0.0' }]));
const nameBuildPackages = (names: readonly string[]) =>
  writeFile(join(folder, 'cli', 'bootstrap', 'build-packages.json'), JSON.stringify(names));

/** Makes ready what is needed, as `npm start` (`start`) or `npm test` does; with what npm was asked for until now. */
async function install(
  purpose: 'start' | 'everything',
  {
    dies = false,
    path = process.env['PATH'],
    files,
  }: { dies?: boolean; path?: string | undefined; files?: readonly string[] } = {},
): Promise<readonly string[]> {
  const module = pathToFileURL(join(folder, 'cli', 'bootstrap', 'install.mjs')).href;
  const asked = join(folder, 'asked.txt');
  await run(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { ensureInstalled } = await import('${module}'); await ensureInstalled({ for: '${purpose}' })`,
    ],
    {
      cwd: folder,
      env: {
        PATH: path,
        npm_execpath: join(folder, 'npm', 'cli.js'),
        ASKED: asked,
        ...(dies && { DIES: '1' }),
        ...(files && { FILES: files.join(' ') }),
      },
    },
  ).catch((error: unknown) => {
    if (!dies) throw error;
  });
  return (await readFile(asked, 'utf8')).trim().split('\n');
}

describe('installing', () => {
  test('takes for a start what runs and builds, and the rest with the tests; each once', async () => {
    const small = 'server builder';
    expect(await install('start')).toEqual([small]);
    expect(await install('start')).toEqual([small]);
    const whole = [small, `${small} tester`];
    expect(await install('everything')).toEqual(whole);
    expect(await install('everything')).toEqual(whole);
    expect(await install('start')).toEqual(whole);
  });

  test('begins anew where it was cut off, in the place of what is there as well as beside it', async () => {
    await install('start', { dies: true });
    expect(await install('start')).toHaveLength(2);
    await install('everything', { dies: true });
    // Nobody knows what that has left.
    expect((await install('start')).slice(2)).toEqual(['server builder tester', 'server builder tester']);
  });

  test('installs again where the build takes more of the same dependencies', async () => {
    await install('start');
    await nameBuildPackages(['builder', 'tester']);
    expect(await install('start')).toEqual(['server builder', 'server builder tester']);
    expect(await install('start')).toHaveLength(2);
  });

  test('takes packages for a start without what only those who work on them look at', async () => {
    const used = [
      'LICENSE.md',
      'dist/docs/index.js',
      'index.d.css.ts',
      'index.d.cts',
      'index.d.ts',
      'index.js',
      'testing.js',
      'world.map',
    ];
    const unused = [
      ...['index.js.map', 'index.d.mts.map', 'src/index.ts', 'src/index.mts', 'README.md', 'lib/native.a'],
      ...['docs/index.html', 'test/index.js', 'coverage/index.js', 'node_modules/inner/tests/index.js'],
    ];
    const inner = ['node_modules/inner/index.js', 'node_modules/@inner/one/index.js'];
    await install('start', { files: [...used, ...unused, ...inner] });
    const place = join(folder, 'node_modules', 'server');
    const entries = await readdir(place, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    const names = files.map((entry) => relative(place, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    expect(names.toSorted()).toEqual([...used, ...inner].toSorted());
  });

  test('leaves programs out for a start where PATH has them, and takes them once it has not', async () => {
    const [ffmpeg, ffprobe] = ['@ffmpeg-installer/ffmpeg', '@ffprobe-installer/ffprobe'];
    const optionalDependencies = { [ffmpeg]: '1.0.0', [ffprobe]: '1.0.0' };
    const manifest = { dependencies: { server: '1.0.0' }, devDependencies: { builder: '1.0.0' }, optionalDependencies };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const name of ['ffmpeg', 'ffprobe']) {
      await writeFile(join(bin, process.platform === 'win32' ? `${name}.exe` : name), '');
      await chmod(join(bin, process.platform === 'win32' ? `${name}.exe` : name), 0o755);
    }
    const small = 'server builder';
    expect(await install('start', { path: bin })).toEqual([small]);
    expect(await install('start', { path: bin })).toEqual([small]);
    const whole = `${small} ${ffmpeg} ${ffprobe}`;
    expect(await install('start', { path: '' })).toEqual([small, whole]);
    // What is there stays.
    expect(await install('start', { path: bin })).toEqual([small, whole]);
    expect(await install('everything', { path: bin })).toEqual([small, whole, whole]);
  });
});
