#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { AppError, TerminalError } from '../core/errors/app-error.ts';
import { ConfigError } from '../config/environment.ts';
import type { AskedElements } from './run/elements.ts';
import { readCliConfig, readEnvironment } from './config.ts';

// Commands are loaded when they are asked for: each needs libraries that the others do not, and loading them takes time.
const environment = readEnvironment();
const config = () => readCliConfig(environment, process.cwd());
const say = (text: string): void => void process.stderr.write(`heddle: ${text}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const program = new Command('heddle')
  .description('Self-hosted visual workflow engine for AI and media work')
  .showHelpAfterError('Run "heddle --help" for all commands.');

program
  .command('start')
  .description('run everything on this machine: Postgres, queue, server and one worker')
  .action(async () => {
    const { start } = await import('./commands/start.ts');
    process.exitCode = await start({ config: config(), say, print });
  });

const serverOption = () => new Option('--server <url>', 'use this server instead of starting one (HEDDLE_SERVER)');
const workspaceOption = () =>
  new Option('-w, --workspace <id>', 'work in this workspace (HEDDLE_WORKSPACE); "heddle workspaces" lists them');
const keyOption = () => new Option('--key <key>', 'API key for the server; HEDDLE_API_KEY is safer');

program
  .command('run')
  .description('run a workflow file, or a published workflow of a server by its name, and save its outputs')
  .argument(
    '<workflow>',
    'a workflow as JSON ({ nodes, edges } or an export of the app), or the name of a published one',
  )
  .option(
    '-i, --input <name=value>',
    'set an input of the workflow by its name; in a file also a node by id or label (its main field, or node.field=value)',
    collect,
    [],
  )
  .addOption(serverOption())
  .addOption(keyOption())
  .addOption(workspaceOption())
  .option('--use-version <number>', 'run this published version instead of the live one', wholeNumber)
  .option('-o, --out <folder>', 'where to save outputs', 'heddle-out')
  .option('--no-cache', 'ignore the cache and run every node')
  .option(
    '--first <count>',
    'of a workflow file: go through the first so many elements of its first list alone, or, as NODE:3, of that of a node',
  )
  .addOption(
    new Option('--elements <places>', 'the same with the elements at some places, from 0: 5,7 or NODE:5,7').conflicts(
      'first',
    ),
  )
  .action(async (workflow: string, options: RunFlags) => {
    const settings = config();
    const server = options.server ?? settings.server;
    const apiKey = options.key ?? settings.apiKey;
    const workspace = options.workspace ?? settings.workspace;
    const { input: inputs, out, cache: useCache, useVersion: version } = options;
    const { isWorkflowFile } = await import('./run/workflow-file.ts');
    const elements = await elementsOf(options);
    if (isWorkflowFile(workflow) || server === undefined) {
      const { runWorkflow } = await import('./commands/run.ts');
      const file = { config: settings, file: workflow, inputs, server, apiKey, workspace, out, useCache, say, print };
      process.exitCode = await runWorkflow({ ...file, elements });
      return;
    }
    if (elements !== undefined) {
      throw new TerminalError(
        'REQUEST_INVALID',
        '--first and --elements are for workflow files: a published workflow runs as a whole. Export it, and run the file.',
      );
    }
    const { slugOf } = await import('./commands/versions.ts');
    const { runByName } = await import('./commands/run-by-name.ts');
    const slug = slugOf(workflow);
    process.exitCode = await runByName({ slug, version, inputs, server, apiKey, workspace, out, useCache, say, print });
  });

program
  .command('publish')
  .description('publish the draft of a workflow on a server; its next version is live then')
  .argument('<workflow>', 'its id, or its name once it was published')
  .option('-m, --note <text>', 'what has changed')
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: ServerFlags & { readonly note?: string }) => {
    const { publish } = await import('./commands/versions.ts');
    await publish({ ...onServer(options), workflow, note: options.note, print });
  });

program
  .command('versions')
  .description('list the published versions of a workflow on a server; * is live')
  .argument('<workflow>', 'its id, or its name')
  .option('--live <number>', 'make this version live first', wholeNumber)
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: ServerFlags & { readonly live?: number }) => {
    const { listVersions } = await import('./commands/versions.ts');
    await listVersions({ ...onServer(options), workflow, live: options.live, print });
  });

program
  .command('export')
  .description('save a workflow of a server as a file: JSON, or an archive with its versions or files')
  .argument('<workflow>', 'its id, or its name once it was published')
  .option('-o, --out <file>', 'where to save it (default: named after the workflow)')
  .option('--versions', 'with its published versions')
  .option('--media', 'with the files that it uses')
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: ExportFlags) => {
    const { exportWorkflow } = await import('./commands/archives.ts');
    const { out, versions: hasVersions = false, media: hasMedia = false } = options;
    await exportWorkflow({ ...onServer(options), workflow, out, hasVersions, hasMedia, print });
  });

program
  .command('import')
  .description('create a workflow on a server from an exported file, with the versions and files in it')
  .argument('<file>', 'JSON, or an archive')
  .option('--live', 'make the version live that was live, or else the latest one')
  .addOption(serverOption())
  .addOption(keyOption())
  .addOption(workspaceOption())
  .action(async (file: string, options: ServerFlags & { readonly live?: boolean }) => {
    const { importWorkflow } = await import('./commands/archives.ts');
    await importWorkflow({ ...onServer(options), file, isLive: options.live === true, print });
  });

program
  .command('workspaces')
  .description('list your workspaces on a server, with what you may do in each')
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (options: ServerFlags) => {
    const { listWorkspaces } = await import('./commands/workspaces.ts');
    await listWorkspaces({ ...onServer(options), print });
  });

program
  .command('waits')
  .description('list the open questions that runs on a server ask people')
  .addOption(serverOption())
  .addOption(keyOption())
  .addOption(workspaceOption())
  .action(async (options: ServerFlags) => {
    const { listWaits } = await import('./commands/waits.ts');
    await listWaits({ ...onServer(options), print });
  });

program
  .command('answer')
  .description('answer a question of a run on a server; the first answer counts')
  .argument('<question>', 'its id, or how that begins')
  .argument('[button]', 'the id of the button to press')
  .option('-v, --value <name=value>', 'fill in a field; files are uploaded', collect, [])
  .option('-c, --choose <places>', 'choose elements by their places in the list, from 0, such as 0,2', places, [])
  .addOption(serverOption())
  .addOption(keyOption())
  .addOption(workspaceOption())
  .action(async (question: string, button: string | undefined, options: AnswerFlags) => {
    const { answer } = await import('./commands/waits.ts');
    const { value: values, choose: indices } = options;
    await answer({ ...onServer(options), question, action: button, values, indices, print });
  });

program
  .command('types')
  .description('print the TypeScript types of what a published workflow takes and gives, for @heddle/client')
  .argument('<workflow>', 'its name')
  .option('--use-version <number>', 'of this published version instead of the live one', wholeNumber)
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: ServerFlags & { readonly useVersion?: number }) => {
    const { printTypes } = await import('./commands/versions.ts');
    await printTypes({ ...onServer(options), workflow, version: options.useVersion, print });
  });

program
  .command('batch')
  .description('run a workflow on a server once for each row of a table, of JSON lines, or for each of many files')
  .argument('<workflow>', 'its id, or its name once it was published')
  .argument('<files...>', 'a .csv, .tsv, .jsonl or .json file with the rows, or many files of which each is a row')
  .option('-i, --input <name>', 'the input that the files are for')
  .option('-n, --name <name>', 'what the batch is called')
  .option('-w, --window <number>', 'most runs in progress at once', wholeNumber)
  .option('-o, --out <file>', 'where to save the table of results; .zip: with all files', 'heddle-out/batch.csv')
  .option('--estimate', 'print what it would cost and take, and start nothing')
  .option('--detach', 'do not wait for its end')
  .addOption(serverOption())
  .addOption(keyOption())
  // Not -w, which is its window.
  .addOption(new Option('--workspace <id>', 'work in this workspace (HEDDLE_WORKSPACE)'))
  .action(async (workflow: string, files: string[], options: BatchFlags) => {
    const { runBatch } = await import('./commands/batches.ts');
    const { input, name, window, out, estimate: isEstimate = false, detach: isDetached = false } = options;
    const asked = { ...onServer(options), workflow, files, input, name, window, out, isEstimate, isDetached };
    process.exitCode = await runBatch({ ...asked, say, print });
  });

program
  .command('batches')
  .description('list the batches of a workflow on a server, and how far they are')
  .argument('<workflow>', 'its id, or its name')
  .addOption(new Option('--pause <batch>', 'pause one first, named by the end of its id'))
  .addOption(new Option('--resume <batch>', 'resume one first').conflicts('pause'))
  .addOption(new Option('--cancel <batch>', 'cancel one first').conflicts(['pause', 'resume']))
  .addOption(
    new Option('--retry <batch>', 'run the failed rows of one again first').conflicts(['pause', 'resume', 'cancel']),
  )
  .addOption(
    new Option('--delete <batch>', 'delete one that is over first').conflicts(['pause', 'resume', 'cancel', 'retry']),
  )
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: BatchesFlags) => {
    const { listBatches } = await import('./commands/batches.ts');
    const kinds = ['pause', 'resume', 'cancel', 'retry', 'delete'] as const;
    const kind = kinds.find((name) => options[name] !== undefined);
    const act = kind === undefined ? null : { kind, id: options[kind]! };
    await listBatches({ ...onServer(options), workflow, print, act });
  });

program
  .command('lists')
  .description('show how far the lists of a run have come')
  .argument('<run>', 'its id')
  .addOption(new Option('--pause <node>', 'pause the list of a node: elements under way finish, no others begin'))
  .addOption(new Option('--go-on <node>', 'let it continue').conflicts('pause'))
  .addOption(new Option('--cancel <node>', 'cancel it; the rest of the run goes on').conflicts(['pause', 'goOn']))
  .addOption(
    new Option('--retry-failed <node>', 'go through the elements again that have failed so far').conflicts([
      ...['pause', 'goOn', 'cancel'],
    ]),
  )
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (run: string, options: ListFlags) => {
    const { showLists } = await import('./commands/lists.ts');
    const action = (['pause', 'goOn', 'cancel', 'retryFailed'] as const).find((name) => options[name] !== undefined);
    const act = action === undefined ? null : { action, nodeId: options[action]! };
    await showLists({ ...onServer(options), run, act, print });
  });

program
  .command('schedule')
  .description('start a workflow on a server by a schedule')
  .argument('<workflow>', 'its id, or its name once it was published')
  .argument('<schedule>', 'cron of five fields such as "0 9 * * MON", or an interval such as "every 15 minutes"')
  .option('-z, --zone <name>', 'time zone, such as Europe/Berlin', Intl.DateTimeFormat().resolvedOptions().timeZone)
  .option('-i, --input <name=value>', 'set an input of each run by its name', collect, [])
  .addOption(serverOption())
  .addOption(keyOption())
  .addOption(workspaceOption())
  .action(async (workflow: string, schedule: string, options: ScheduleFlags) => {
    const { addSchedule } = await import('./commands/triggers.ts');
    const { zone: timeZone, input: inputs } = options;
    await addSchedule({ ...onServer(options), workflow, schedule, timeZone, inputs, print });
  });

program
  .command('triggers')
  .description('list the schedules and webhooks of a workflow on a server, and what came of one')
  .argument('<workflow>', 'its id, or its name')
  .addOption(new Option('--log <trigger>', 'print the last ten times of one, named by the end of its id'))
  .addOption(new Option('--on <trigger>', 'turn one on first').conflicts('log'))
  .addOption(new Option('--off <trigger>', 'turn one off first').conflicts(['log', 'on']))
  .addOption(new Option('--delete <trigger>', 'delete one first; its runs stay').conflicts(['log', 'on', 'off']))
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: TriggerFlags) => {
    const { listTriggers } = await import('./commands/triggers.ts');
    const kind = (['log', 'on', 'off', 'delete'] as const).find((name) => options[name] !== undefined);
    const act = kind === undefined ? null : { kind, id: options[kind] ?? '' };
    await listTriggers({ ...onServer(options), workflow, act, print });
  });

program
  .command('share')
  .description('make a link by which people without an account run a published workflow on a server')
  .argument('<workflow>', 'its id, or its name')
  .option('-n, --name <text>', 'whom it is for')
  .addOption(new Option('--days <number>', 'days until it expires; 0: never').default(30).argParser(numberOrNone))
  .addOption(
    new Option('--runs <number>', 'how many runs it is good for; 0: no limit of its own')
      .default(100)
      .argParser(numberOrNone),
  )
  .option('--allow <names>', 'inputs that may be given, separated by commas; default: all without a fixed value')
  .option('--fix <name=value>', 'set an input that may not be given', collect, [])
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: ShareFlags) => {
    const { share } = await import('./commands/links.ts');
    const { name, days, runs, fix } = options;
    await share({
      ...onServer(options),
      ...{ workflow, name, days, runs, fix, print },
      allow: options.allow?.split(',').filter((one) => one !== ''),
      now: () => new Date(),
    });
  });

program
  .command('links')
  .description('list the links to the app of a workflow on a server')
  .argument('<workflow>', 'its id, or its name')
  .addOption(new Option('--on <link>', 'turn one on first, named by the end of its id'))
  .addOption(new Option('--off <link>', 'turn one off first').conflicts('on'))
  .addOption(new Option('--end <link>', 'end one first, for good; its runs stay').conflicts(['on', 'off']))
  .addOption(serverOption())
  .addOption(keyOption())
  .action(async (workflow: string, options: LinksFlags) => {
    const { listLinks } = await import('./commands/links.ts');
    const kind = (['on', 'off', 'end'] as const).find((one) => options[one] !== undefined);
    const act = kind === undefined ? null : { kind, id: options[kind] ?? '' };
    await listLinks({ ...onServer(options), workflow, act, print });
  });

program
  .command('doctor')
  .description('check this machine and explain how to fix problems')
  .action(async () => {
    const { doctor } = await import('./commands/doctor.ts');
    process.exitCode = await doctor({ config: config(), print });
  });

program
  .command('ffmpeg')
  .description('take a current ffmpeg out of the packages of Debian or Ubuntu, without being root (up to 150 MB)')
  .action(async () => {
    const { unpackFfmpeg } = await import('../embedded/ffmpeg-package.ts');
    const { ffmpeg } = await unpackFfmpeg({ cacheDir: config().cacheDir, say });
    print(`${ffmpeg} is used from the next start on.`);
  });

program
  .command('migrate')
  .description('bring the database schema up to date')
  .action(async () => {
    const { migrate } = await import('./commands/migrate.ts');
    const applied = await migrate(config());
    say(applied.length === 0 ? 'the schema is up to date.' : `applied ${applied.join(', ')}.`);
  });

program
  .command('backup')
  .description('back up the database and files to a folder; files already there are not copied again')
  .argument('<folder>')
  .action(async (folder: string) => {
    const { backup } = await import('./commands/backup.ts');
    process.exitCode = await backup({ config: config(), folder, say });
  });

program
  .command('restore')
  .description('restore a backup into an empty installation and verify every file')
  .argument('<folder>')
  .action(async (folder: string) => {
    const { restore } = await import('./commands/backup.ts');
    await restore({ config: config(), folder, say });
  });

program
  .command('sign-in-link')
  .description('print a one-time sign-in link for a lost password; expires in an hour')
  .argument('[email]', 'whose account; default: the owner of the installation')
  .action(async (email?: string) => {
    const { signInLink } = await import('./commands/sign-in-link.ts');
    process.exitCode = await signInLink({ config: config(), ...(email === undefined ? {} : { email }) });
  });

for (const role of ['server', 'worker'] as const) {
  program
    .command(role)
    .description(`run one ${role}, with DATABASE_URL and REDIS_URL given`)
    .action(async () => {
      const { runRole } = await import('./commands/role.ts');
      process.exitCode = await runRole(role, environment);
    });
}

interface ServerFlags {
  readonly server?: string;
  readonly key?: string;
  readonly workspace?: string;
}

interface ScheduleFlags extends ServerFlags {
  readonly zone: string;
  readonly input: readonly string[];
}

interface ShareFlags extends ServerFlags {
  readonly name?: string;
  readonly days: number | null;
  readonly runs: number | null;
  readonly allow?: string;
  readonly fix: readonly string[];
}

interface LinksFlags extends ServerFlags {
  readonly on?: string;
  readonly off?: string;
  readonly end?: string;
}

interface TriggerFlags extends ServerFlags {
  readonly log?: string;
  readonly on?: string;
  readonly off?: string;
  readonly delete?: string;
}

interface BatchFlags extends ServerFlags {
  readonly input?: string;
  readonly name?: string;
  readonly window?: number;
  readonly out: string;
  readonly estimate?: boolean;
  readonly detach?: boolean;
}

interface ExportFlags extends ServerFlags {
  readonly out?: string;
  readonly versions?: boolean;
  readonly media?: boolean;
}

interface ListFlags extends ServerFlags {
  readonly pause?: string;
  readonly goOn?: string;
  readonly cancel?: string;
  readonly retryFailed?: string;
}

interface BatchesFlags extends ServerFlags {
  readonly pause?: string;
  readonly resume?: string;
  readonly cancel?: string;
  readonly retry?: string;
  readonly delete?: string;
}

interface AnswerFlags extends ServerFlags {
  readonly value: readonly string[];
  readonly choose: readonly number[];
}

interface RunFlags extends ServerFlags {
  readonly input: readonly string[];
  readonly useVersion?: number;
  readonly out: string;
  readonly cache: boolean;
  readonly first?: string;
  readonly elements?: string;
}

/** What `--first` or `--elements` names; undefined without either. */
async function elementsOf({ first, elements }: RunFlags): Promise<AskedElements | undefined> {
  if (first === undefined && elements === undefined) return undefined;
  const { readElements, readFirst } = await import('./run/elements.ts');
  const asked = first === undefined ? readElements(elements!) : readFirst(first);
  if (asked !== null) return asked;
  const words =
    first === undefined
      ? '--elements takes places in the list, from 0, such as 5,7, or NODE:5,7.'
      : '--first takes how many elements, such as 3, or NODE:3.';
  throw new TerminalError('REQUEST_INVALID', words);
}

/** Where a command works that is about a server alone. */
function onServer(options: ServerFlags): {
  readonly server: string;
  readonly apiKey: string | undefined;
  readonly workspace: string | undefined;
} {
  const settings = config();
  const server = options.server ?? settings.server;
  if (server === undefined) {
    throw new TerminalError('REQUEST_INVALID', 'No server is given. Set HEDDLE_SERVER, or use --server.');
  }
  return { server, apiKey: options.key ?? settings.apiKey, workspace: options.workspace ?? settings.workspace };
}

/** 0 stands for none. */
function numberOrNone(text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text) || null;
  throw new InvalidArgumentError('Give a whole number, or 0 for none.');
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give the number of a version.');
}

function places(text: string): readonly number[] {
  if (/^\d{1,6}(?:,\d{1,6})*$/.test(text)) return text.split(',').map(Number);
  throw new InvalidArgumentError('Give places in the list, from 0, separated by commas.');
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

void program.parseAsync().catch((error: unknown) => {
  // What users can act on is said in words; anything else is a fault and keeps its stack.
  const isExpected = error instanceof AppError || error instanceof ConfigError;
  say(isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
});
