import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findUnpackedFfmpeg, unpackFfmpeg } from './ffmpeg-package.ts';
import { runCommand } from './run-command.ts';

/* The programs of the distribution are played: a hundred packages are not for a test to fetch. */

let folder: string;
let cacheDir: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-ffmpeg-'));
  // A quote in it has to be one in the starters, too.
  cacheDir = join(folder, "cache of kim's");
  await mkdir(cacheDir);
});
afterEach(() => rm(folder, { recursive: true }));

const lines = [
  "'http://deb.example/ffmpeg_5.1_amd64.deb' ffmpeg_5.1_amd64.deb 10 SHA256:00",
  "'http://deb.example/libblas3_3.1_amd64.deb' libblas3_3.1_amd64.deb 10 SHA256:00",
  "'http://deb.example/libc6_2.36_amd64.deb' libc6_2.36_amd64.deb 10 SHA256:00",
];

/** apt-get that has its lists after an update alone, and dpkg-deb whose packages hold programs that say where they look. */
async function playedTools({
  printed = lines.join('\n'),
  program = 'echo "ffmpeg version 5.1 $LD_LIBRARY_PATH"',
} = {}) {
  const script = async (name: string, text: string) => {
    const file = join(folder, name);
    await writeFile(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return file;
  };
  await writeFile(join(folder, 'printed'), printed);
  const aptGet = await script(
    'apt-get',
    `case "$*" in
      --version) ;;
      *update) : > "${folder}/updated" ;;
      *--print-uris*) [ -e "${folder}/updated" ] || { echo "E: no lists" >&2; exit 100; }; cat "${folder}/printed" ;;
      *download*) case "$*" in *libc6*) exit 1 ;; esac; : > ffmpeg_5.1_amd64.deb; : > libblas3_3.1_amd64.deb ;;
    esac`,
  );
  await writeFile(join(folder, 'program'), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  const dpkgDeb = await script(
    'dpkg-deb',
    `mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu/blas"
    case "$2" in
      */ffmpeg_*) cp "${folder}/program" "$3/usr/bin/ffmpeg"; cp "${folder}/program" "$3/usr/bin/ffprobe"; : > "$3/usr/lib/x86_64-linux-gnu/libavcodec.so.59" ;;
      */libblas3_*) : > "$3/usr/lib/x86_64-linux-gnu/blas/libblas.so.3" ;;
    esac`,
  );
  return { aptGet, dpkgDeb };
}

test('ffmpeg is taken out of its packages once, without those that the system has, and finds its libraries', async () => {
  const said: string[] = [];
  expect(await findUnpackedFfmpeg(cacheDir)).toBeNull();
  const options = { cacheDir, say: (text: string) => void said.push(text), tools: await playedTools() };
  const { ffmpeg, ffprobe } = await unpackFfmpeg(options);
  expect(said).toEqual(['looking up the packages ...', 'downloading 2 packages ...']);
  for (const program of [ffmpeg, ffprobe]) {
    // Videos are worked on without anything of our environment.
    const { stdout } = await runCommand(program, ['-version'], { env: {}, timeoutMs: 60_000 });
    const places = stdout.trim().split(' ').slice(3).join(' ').split(':');
    expect(places.map((place) => place.replace(/^.*\/usr\/lib\//, ''))).toEqual([
      'x86_64-linux-gnu',
      'x86_64-linux-gnu/blas',
    ]);
    expect(places.every((place) => place.startsWith(cacheDir))).toBe(true);
  }
  expect(await findUnpackedFfmpeg(cacheDir)).toEqual({ ffmpeg, ffprobe });
  expect(await unpackFfmpeg({ ...options, tools: { aptGet: 'none', dpkgDeb: 'none' } })).toEqual({ ffmpeg, ffprobe });
  expect(await readdir(cacheDir)).toHaveLength(1);
});

test.each<[string, Parameters<typeof playedTools>[0] | null, string]>([
  ['there is no apt', null, 'This system has no apt-get.'],
  ['it is installed', { printed: '' }, 'The package ffmpeg is installed on this system.'],
  ['it does not run', { program: 'exit 127' }, 'The unpacked program does not run on this system.'],
])('nothing is left where %s, and it is said', async (_what, played, words) => {
  const tools = played === null ? { aptGet: 'no-such-program', dpkgDeb: 'none' } : await playedTools(played);
  await expect(unpackFfmpeg({ cacheDir, say: () => {}, tools })).rejects.toMatchObject({
    code: 'MEDIA_TOOL_MISSING',
    message: expect.stringContaining(words),
  });
  expect(await readdir(cacheDir)).toEqual([]);
});
