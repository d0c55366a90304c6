import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAssetService, type AssetService } from '../assets/asset-service.ts';
import { createAttemptAssets, toReference } from '../assets/attempt-assets.ts';
import { createDiskRoom } from '../assets/disk-room.ts';
import { createLocalDiskStore } from '../assets/local-disk-store.ts';
import { createWorkDirs } from '../assets/work-dirs.ts';
import type { MediaLimits } from '../core/limits.ts';
import type { ExecutionContext, NodeExecutor } from '../core/node-type/executor.ts';
import { Suspension } from '../core/node-type/suspension.ts';
import type { AssetReference, NodeInputs, NodeOutputs, OutputValue } from '../core/node-type/values.ts';
import type { WebTools } from '../core/node-type/web-tools.ts';
import { createMedia, type Media } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createAddressRules } from '../net/address-rules.ts';
import { createGuardedFetcher } from '../net/guarded-fetch.ts';
import { createWebRequester } from '../net/web-requester.ts';
import { nodeCatalogue } from '../nodes/definitions.ts';
import { anyBuild } from './frame-taker.ts';
import { createMemoryAssetRows } from './memory-asset-rows.ts';
import { noJobs, noModels } from './no-models.ts';

/** The outputs of a node that does not wait. */
export function outputsOf(result: NodeOutputs | Suspension): NodeOutputs {
  if (result instanceof Suspension) throw new Error('The node waits, and has put out nothing.');
  return result;
}

const userId = 'user-1';
const logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Executors with real files and real media processes, and nothing else of a worker. */
export interface NodeRuns {
  readonly service: AssetService;
  readonly media: Media;
  /** Runs a node as a worker does: with the config parsed and the files of the attempt removed at the end. */
  run(
    executor: NodeExecutor,
    data: object,
    inputs?: NodeInputs,
    change?: Partial<ExecutionContext<unknown>>,
  ): Promise<NodeOutputs>;
  /** The files of one attempt, for a worker of a test. */
  openAssets(): ReturnType<typeof createAttemptAssets>;
  /** Takes a file in, as an upload does. */
  assetOf(file: string): Promise<AssetReference>;
  /** A local file with the content of an output. */
  fileOf(output: OutputValue | undefined): Promise<string>;
  /** Fails where an attempt has left a file behind. */
  stop(): Promise<void>;
}

/** `allow` are hosts that addresses may name besides public ones; `secrets` are those of the user. */
export async function startNodeRuns({
  allow = [],
  limits = {},
  secrets = {},
}: {
  allow?: readonly string[];
  limits?: Partial<MediaLimits>;
  secrets?: Readonly<Record<string, { readonly value: string; readonly hosts: readonly string[] }>>;
} = {}): Promise<NodeRuns> {
  const folder = await mkdtemp(join(tmpdir(), 'heddle-nodes-'));
  const rules = createAddressRules({ allow: [...allow] });
  const media = createMedia({
    binaries: createBinaries(anyBuild),
    imagePool: { size: 1 },
    limits,
  });
  const store = createLocalDiskStore({ root: join(folder, 'store'), now: Date.now });
  const workDirs = createWorkDirs({ root: join(folder, 'work'), hostname: 'test', pid: process.pid, now: Date.now });
  await store.start();
  await workDirs.start();
  const service = createAssetService({
    store,
    rows: createMemoryAssetRows(),
    media,
    fetcher: createGuardedFetcher({ rules, resolve: async () => [] }),
    workDirs,
    createId: () => randomUUID(),
    disk: createDiskRoom({ folders: [folder] }),
    onLeftBlob: () => {},
  });
  const { signal } = new AbortController();
  const web: WebTools = {
    ...createWebRequester({ rules, resolve: async () => [] }),
    secrets: async (names) =>
      new Map(
        names.map((name) => [name, { name, value: secrets[name]?.value ?? '', hosts: secrets[name]?.hosts ?? [] }]),
      ),
  };

  return {
    service,
    media,
    async run(executor, data, inputs = {}, change = {}) {
      const assets = createAttemptAssets({ service, workDirs, userId });
      const unused = () => undefined;
      try {
        return outputsOf(
          await executor.execute({
            config: nodeCatalogue.get(executor.type)?.configSchema.parse(data),
            inputs,
            signal,
            idempotencyKey: randomUUID(),
            logger,
            assets,
            media,
            models: noModels,
            web,
            jobs: noJobs,
            progress: unused,
            delta: unused,
            report: unused,
            ...change,
          }),
        );
      } finally {
        await assets.dispose();
      }
    },
    openAssets: () => createAttemptAssets({ service, workDirs, userId }),
    assetOf: async (file) =>
      toReference(await service.ingest(createReadStream(file), { userId, name: 'file', signal })),
    async fileOf(output) {
      const { assetId } = output as AssetReference;
      return service.localFile(await service.find({ workspaceId: userId }, assetId), folder);
    },
    async stop() {
      await media.stop();
      const left = await readdir(join(folder, 'work'));
      await rm(folder, { recursive: true });
      if (left.length > 0) throw new Error(`Attempts have left files behind: ${left.join(', ')}`);
    },
  };
}
