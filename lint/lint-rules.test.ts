import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../embedded/run-command.ts';
import { projectRoot } from '../testing/processes.ts';

/** One planted violation each: where, what, and words of the complaint. */
const violations: readonly (readonly [string, string, string])[] = [
  ['core/order.ts', `import { openDatabase } from '../db/client.ts';`, 'core/ is the pure domain'],
  ['core/read.ts', `import { readFile } from 'node:fs/promises';`, 'core/ imports zod and nothing else'],
  ['core/id.ts', `import { v7 } from 'uuid';`, 'core/ imports zod and nothing else'],
  ['config/read.ts', `import { a } from '../server/a.ts';`, 'config/ holds'],
  ['db/client.ts', `import { a } from '../queue/names.ts';`, 'db/ turns rows into facts'],
  ['migrations/0002.ts', `import { a } from '../core/run/status.ts';`, 'a migration is a fixed text'],
  ['queue/consumer.ts', `import { a } from '../db/client.ts';`, 'queue/ wakes workers'],
  ['engine/sweeper.ts', `import { a } from '../boot/open-queue.ts';`, 'engine/ starts runs and does duties'],
  ['boot/open-media.ts', `import { a } from '../worker/session.ts';`, 'boot/ opens what servers and workers share'],
  ['assets/store.ts', `import { a } from '../db/client.ts';`, 'assets/ stores bytes'],
  ['media/image/crop.ts', `import { a } from '../../assets/store.ts';`, 'media/ works on files'],
  ['net/fetch.ts', `import { a } from '../providers/gemini.ts';`, 'net/ fetches addresses and minds connections'],
  ['providers/gemini.ts', `import { a } from '../media/ffmpeg.ts';`, 'providers/ speak to models'],
  ['embedded/redis.ts', `import { a } from '../db/migrate.ts';`, 'embedded/ runs Postgres and Redis'],
  ['server/app.ts', `import { a } from '../worker/main.ts';`, 'server, worker and web meet in'],
  ['server/late.ts', `export const load = () => import('../worker/main.ts');`, 'server, worker and web meet in'],
  ['server/routes/runs.ts', `import { a } from '../../testing/eventually.ts';`, 'nothing but tests imports testing/'],
  ['server/limits/limits.ts', `import { a } from '../http/route.ts';`, 'server/limits counts'],
  ['server/request/origin.ts', `import { a } from '../auth/principal.ts';`, 'server/request reads facts'],
  ['server/audit/audit-log.ts', `import { a } from '../auth/principal.ts';`, 'server/audit writes down'],
  ['server/graphs/check-graph.ts', `import { a } from '../http/route.ts';`, 'server/graphs checks graphs'],
  ['server/runs/foretell.ts', `import { a } from '../http/problem.ts';`, 'server/runs plans runs'],
  ['server/auth/local-auth.ts', `import { a } from '../routes/session.ts';`, 'server/auth finds out who is asking'],
  ['server/auth/clerk/clerk-auth.ts', `import { a } from '../../http/route.ts';`, 'server/auth finds out'],
  ['server/auth/clerk/claims.ts', `import { a } from '../../config.ts';`, 'server/auth finds out'],
  ['server/http/not-found.ts', `import { a } from '../routes/runs.ts';`, 'server/http carries any route'],
  ['server/http/gates.ts', `import { a } from '../start-server.ts';`, 'server/http carries any route'],
  ['server/live/socket-server.ts', `import { a } from '../routes/runs.ts';`, 'server/live sends events'],
  ['server/routes/config.ts', `import { a } from '../live/run-feed.ts';`, 'server/routes answers requests'],
  ['server/routes/usage.ts', `import { a } from '../../worker/main.ts';`, 'server, worker and web meet in'],
  ['worker/main.ts', `import { a } from '../web/main.tsx';`, 'server, worker and web meet in'],
  ['web/main.tsx', `import type { A } from '../server/app.ts';`, 'the web app runs in browsers'],
  ['web/files.ts', `import { join } from 'node:path';`, 'web/ runs in browsers, where'],
  ['web/catalogue.ts', `import { a } from '../nodes/definitions.ts';`, 'The server tells the web app its node types'],
  ['cli/main.ts', `import { a } from '../server/main.ts';`, 'cli/ starts server and worker as processes'],
  ['client/client.ts', `import { a } from '../core/scope.ts';`, 'client/ is a package of its own'],
  ['client/errors.ts', `import { z } from 'zod';`, 'client/ has no dependencies'],
  ['cli/fast.test.ts', `import { a } from '../bench/shapes.ts';`, 'Nothing imports bench/ or e2e/'],
  ['nodes/input/text/definition.ts', `import { a } from '../../net/fetch.ts';`, 'node definitions know core/ only'],
  ['nodes/input/text/size.ts', `import { a } from 'node:fs';`, 'Definitions of nodes are loaded by browsers'],
  ['nodes/definitions.ts', `import { a } from './input/text/executor.ts';`, 'executors and editors on one only'],
  ['nodes/input/text/executor.ts', `import { a } from '../../queue/names.ts';`, 'they never touch db/ or queue/'],
  [
    'nodes/executors.ts',
    `import { a } from './input/text/editor.tsx';`,
    'Editors run in browsers, executors in workers',
  ],
  ['nodes/input/text/editor.tsx', `import { a } from '../../media/ffmpeg.ts';`, 'editors belong to web/'],
  ['nodes/input/image/editor.tsx', `import { a } from 'node:fs';`, 'Editors run in browsers.'],
  [
    'nodes/editors.ts',
    `import { a } from './input/text/executor.ts';`,
    'Executors run in workers, editors in browsers',
  ],
  ['worker/queue.ts', `import { Queue } from 'bullmq';`, 'bullmq and ioredis are imported in queue/ only'],
  ['server/frame.ts', `import ffmpeg from 'fluent-ffmpeg';`, 'fluent-ffmpeg is imported in media/ffmpeg.ts only'],
  ['worker/model.ts', `import { a } from '@google/generative-ai';`, 'model SDKs stay behind'],
  ['worker/http.ts', `import express from 'express';`, 'HTTP and sockets are the business of server/'],
  ['cli/page.ts', `import { useState } from 'react';`, 'React belongs to web/'],
  ['providers/rows.ts', `import { sql } from 'kysely';`, 'does not speak to Postgres'],
  ['worker/any.ts', `export const a: any = 1;`, 'Unexpected `any`'],
  ['worker/default.ts', `export default 1;`, 'default export'],
  ['worker/environment.ts', `export const a = process.env['A'];`, 'process.env'],
  ['worker/index.ts', `export * from './queue.ts';\nexport * from './any.ts';`, 'Barrel file'],
  ['worker/print.ts', `console.log('hello');`, 'console'],
  ['db/rows.ts', `/** Far away. */\n\nexport interface Row {}`, '`Row` is exported and has no comment'],
  ['web/format.ts', `export const bytes = (count: number) => String(count);`, '`bytes` is exported and has no comment'],
];

const reportSchema = z.object({
  diagnostics: z.array(z.object({ message: z.string(), help: z.string().default(''), filename: z.string() })),
});
const configSchema = z.object({
  overrides: z.array(z.object({ rules: z.record(z.string(), z.unknown()) })),
});

let folder: string;
let complaints: z.infer<typeof reportSchema>['diagnostics'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heddle-lint-'));
  await copyFile(join(projectRoot, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  const plugin = join('lint', 'commented-exports.mjs');
  await mkdir(join(folder, 'lint'));
  await copyFile(join(projectRoot, plugin), join(folder, plugin));
  for (const [path, code] of [...violations, ['core/described.ts', described] as const]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${code}\n`);
  }
  const oxlint = join(projectRoot, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const shown = await runCommand(process.execPath, [oxlint, '-f', 'json'], { cwd: folder, timeoutMs: 240_000 });
  complaints = reportSchema.parse(JSON.parse(shown.stdout)).diagnostics;
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What need not be described again. */
const described = `import { z } from 'zod';
/** How a run stands. */
export const statuses = ['DONE'] as const;
export type Status = (typeof statuses)[number];
/** A run. */
export const runSchema = z.object({ nodes: z.array(z.string()) });
export type Run = z.infer<typeof runSchema>;
export type RunNode = z.infer<typeof runSchema>['nodes'][number];
/** Half of it. */
export function half(value: number): number;
export function half(value: string): string;
export function half(value: number | string) {
  return value;
}
`;

describe('the linter', () => {
  test.each(violations)('complains about %s: %s', (path, _, words) => {
    const said = complaints.filter((complaint) => complaint.filename === path);
    expect(said.map((complaint) => `${complaint.message} ${complaint.help}`).join('\n')).toContain(words);
  });

  test('asks for no comment where a type is read off something that has one, nor at a second signature', () => {
    expect(complaints.filter(({ filename }) => filename === 'core/described.ts')).toEqual([]);
  });

  test('has no rule about imports without a planted violation', async () => {
    const { overrides } = configSchema.parse(JSON.parse(await readFile(join(projectRoot, '.oxlintrc.json'), 'utf8')));
    const messages = [...JSON.stringify(overrides).matchAll(/"message":"([^"]+)"/g)].map((match) => match[1] ?? '');
    const untested = [...new Set(messages)].filter(
      (message) => !violations.some(([, , words]) => message.includes(words)),
    );
    expect(untested).toEqual([]);
  });
});
