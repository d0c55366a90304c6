/*
 * Who may import whom. The linter's configuration and the table in CONTRIBUTING.md are made of this table by
 * `npm run lint:rules`; a test holds all three together.
 */

import { filesOfFloor, serverFloors } from './server-floors.ts';

/** Every folder of the top level that holds code. */
export const folders = [
  'config',
  'core',
  'nodes',
  'db',
  'migrations',
  'queue',
  'engine',
  'boot',
  'assets',
  'media',
  'net',
  'providers',
  'embedded',
  'server',
  'worker',
  'web',
  'cli',
  'client',
  'testing',
  'bench',
  'e2e',
] as const;
export type Folder = (typeof folders)[number];

/** Packages that only some folders may import, by a name of their own. */
export const guardedPackages = {
  queue: {
    packages: ['bullmq', 'ioredis'],
    message: 'bullmq and ioredis are imported in queue/ only: a change of the queue stays there.',
  },
  ffmpeg: {
    packages: ['fluent-ffmpeg'],
    message: 'fluent-ffmpeg is imported in media/ffmpeg.ts only, which guards what it runs.',
  },
  models: { packages: ['@google/generative-ai'], message: 'model SDKs stay behind the port of providers/.' },
  http: { packages: ['express', 'socket.io'], message: 'HTTP and sockets are the business of server/.' },
  react: {
    packages: ['react', 'react-dom', '@xyflow/react', 'zustand'],
    message: 'React belongs to web/ and the editors of nodes.',
  },
  postgres: { packages: ['kysely', 'pg'], message: 'this folder does not speak to Postgres; ask db/.' },
} as const;
/** The name of a group of guarded packages. */
export type GuardedPackage = keyof typeof guardedPackages;

/** What some files may import; anything else of the house is refused. */
export interface ImportRule {
  /** What the table in CONTRIBUTING.md calls it. */
  readonly name: string;
  readonly files: readonly string[];
  /** Folders that these files may import besides their own. */
  readonly mayImport: readonly Folder[];
  /** Why; it is what the linter says. */
  readonly message: string;
  readonly mayUse?: readonly GuardedPackage[];
  /** Further imports that are refused: a regular expression of what stands between the quotes, and why. */
  readonly refused?: readonly { readonly regex: string; readonly message: string }[];
}

const meet =
  'server, worker and web meet in core types, rows, queue payloads and event schemas only; nothing but tests imports testing/, nothing imports bench/ or e2e/.';
const shared = [
  'config',
  'core',
  'nodes',
  'db',
  'queue',
  'engine',
  'boot',
  'assets',
  'media',
  'net',
  'providers',
] as const;

const server = { mayImport: shared, message: meet, mayUse: ['http', 'postgres'] } as const;

/** All files of one folder. */
const whole = (folder: Folder, rule: Omit<ImportRule, 'name' | 'files'>): ImportRule => ({
  name: folder,
  files: [`${folder}/**/*.ts`, `${folder}/**/*.tsx`],
  ...rule,
});

/** Where several fit a file, the last one counts. */
export const importRules: readonly ImportRule[] = [
  whole('config', {
    mayImport: ['core'],
    message: 'config/ holds what every process is configured by; it knows core/ only.',
  }),
  whole('core', {
    mayImport: [],
    message: 'core/ is the pure domain: it knows no other folder, so that every side can load it.',
    refused: [{ regex: '^([^.z]|z[^o]|zo[^d]|zod.)', message: 'core/ imports zod and nothing else.' }],
  }),
  whole('db', {
    mayImport: ['core', 'net', 'migrations'],
    message: 'db/ turns rows into facts; it knows core/, net/ and the migrations only.',
    mayUse: ['postgres'],
  }),
  whole('migrations', {
    mayImport: [],
    message: 'a migration is a fixed text: what it imports could change under it.',
    mayUse: ['postgres'],
  }),
  whole('queue', {
    mayImport: ['core', 'net'],
    message: 'queue/ wakes workers; what is done then is not its business.',
    mayUse: ['queue', 'postgres'],
  }),
  whole('engine', {
    mayImport: ['core', 'db', 'queue', 'assets', 'net'],
    message: 'engine/ starts runs and does duties, whatever program it is in; how that one boots is not its business.',
    mayUse: ['postgres'],
  }),
  whole('boot', {
    mayImport: ['config', 'core', 'db', 'queue', 'engine', 'assets', 'media', 'net', 'providers'],
    message: 'boot/ opens what servers and workers share and may depend on neither.',
    mayUse: ['postgres'],
  }),
  whole('assets', {
    mayImport: ['core', 'media', 'net'],
    message: 'assets/ stores bytes; it knows core/, media/ and net/ only.',
  }),
  whole('media', {
    mayImport: ['core'],
    message: 'media/ works on files; it knows core/ only.',
    mayUse: ['ffmpeg'],
  }),
  whole('net', {
    mayImport: ['core'],
    message: 'net/ fetches addresses and minds connections; it knows core/ only.',
  }),
  whole('providers', {
    mayImport: ['core'],
    message: 'providers/ speak to models; they know core/ only.',
    mayUse: ['models'],
  }),
  whole('embedded', {
    mayImport: ['core'],
    message: 'embedded/ runs Postgres and Redis; it knows nothing of the product.',
    mayUse: ['postgres'],
  }),
  whole('server', server),
  ...serverFloors.flatMap((floor) =>
    filesOfFloor(floor).map(({ files, refused }) => ({
      name: `server/${floor.folder}`,
      files,
      ...server,
      refused: refused.map((regex) => ({ regex, message: floor.message })),
    })),
  ),
  whole('worker', { mayImport: shared, message: meet, mayUse: ['postgres'] }),
  whole('web', {
    mayImport: ['core', 'nodes'],
    message: 'the web app runs in browsers: it knows core/ and the node definitions and editors only.',
    mayUse: ['react'],
    refused: [
      { regex: '^node:', message: 'web/ runs in browsers, where there are no modules of Node.' },
      {
        regex: 'nodes/definitions\\.ts$',
        message:
          'The server tells the web app its node types; canvas-definitions.ts has those that it needs functions of.',
      },
    ],
  }),
  whole('cli', {
    mayImport: ['config', 'core', 'nodes', 'db', 'queue', 'assets', 'media', 'net', 'providers', 'embedded'],
    message: 'cli/ starts server and worker as processes, by path; it imports neither, nor web, testing, bench or e2e.',
    mayUse: ['postgres'],
  }),
  whole('client', {
    mayImport: [],
    message: 'client/ is a package of its own for browsers and Node: it knows no other folder.',
    refused: [{ regex: '^[^.]', message: 'client/ has no dependencies.' }],
  }),
  {
    name: 'nodes/*/*/definition.ts',
    files: ['nodes/**/*.ts'],
    mayImport: ['core', 'nodes'],
    message: 'node definitions know core/ only, so that every side can load them.',
    refused: [
      {
        regex: '^node:',
        message: 'Definitions of nodes are loaded by browsers as well, where there are no modules of Node.',
      },
      {
        regex: '(executor|executors|editor|editors)\\.tsx?$',
        message: 'A definition is loaded on every side; executors and editors on one only.',
      },
    ],
  },
  {
    name: 'nodes/*/*/executor.ts',
    files: ['nodes/executors.ts', 'nodes/*/*/executor.ts', 'nodes/*/*/executor-*.ts'],
    mayImport: ['core', 'nodes', 'media', 'net'],
    message: 'executors get everything they need in their context; they never touch db/ or queue/.',
    refused: [{ regex: '(editor|editors)\\.tsx?$', message: 'Editors run in browsers, executors in workers.' }],
  },
  {
    name: 'nodes/*/*/editor.tsx',
    files: ['nodes/editors.ts', 'nodes/**/*.tsx'],
    mayImport: ['core', 'nodes', 'web'],
    message: 'editors belong to web/ and know nothing of the other sides.',
    mayUse: ['react'],
    refused: [
      { regex: '^node:', message: 'Editors run in browsers.' },
      { regex: '(executor|executors)\\.ts$', message: 'Executors run in workers, editors in browsers.' },
    ],
  },
  {
    name: 'tests, testing',
    files: ['**/*.test.ts', '**/*.test.tsx', 'testing/**/*.ts'],
    mayImport: folders.filter((folder) => folder !== 'bench' && folder !== 'e2e'),
    message: 'Nothing imports bench/ or e2e/.',
    mayUse: ['queue', 'ffmpeg', 'models', 'http', 'react', 'postgres'],
  },
];
