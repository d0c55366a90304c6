import { createReadStream } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AssetService } from '../assets/asset-service.ts';
import { assetUrl } from '../core/api/assets.ts';
import type { Logger } from '../core/node-type/executor.ts';
import { availableModel, fillTemplate } from '../core/templates/fill-template.ts';
import { marketingKit } from '../core/templates/marketing-kit.ts';
import { starterTemplate } from '../core/templates/starter.ts';
import type { Db } from '../db/client.ts';
import { insertWorkflow } from '../db/workflows/insert.ts';
import type { ModelRegistry } from '../providers/registry.ts';

interface SeedDependencies {
  readonly db: Db;
  readonly assets: Pick<AssetService, 'ingest'>;
  readonly models: Pick<ModelRegistry, 'listProviders'>;
  /** The folder of the image and the video that come with the app. */
  readonly samplesDir: string;
  readonly logger: Logger;
}

/** A provider that does not list its models by then is taken for absent: the start must not wait for it. */
const listModelsMs = 3_000;

/**
 * Gives a new account its first workflows: the starter, newest and so on top,
 * and the marketing kit. Where that fails, the start goes on: the web app makes
 * them for an account that has none.
 */
export async function seedWorkflows(dependencies: SeedDependencies, userId: string): Promise<void> {
  const { db, assets, models, samplesDir, logger } = dependencies;
  const { signal } = new AbortController();
  try {
    const providers = await Promise.race([models.listProviders(), sleep(listModelsMs, [], { ref: false })]);
    for (const template of [marketingKit, starterTemplate]) {
      const data = await fillTemplate(template, {
        model: availableModel(providers),
        store: async ({ path: file, name }) => {
          const source = createReadStream(path.join(samplesDir, file));
          return assetUrl((await assets.ingest(source, { userId, name, isForeign: false, signal })).id);
        },
      });
      await insertWorkflow(db, {
        scope: { workspaceId: userId, actorId: userId, role: 'admin' },
        name: template.title,
        data,
      });
    }
  } catch (error) {
    logger.warn({ err: error }, 'could not make the first workflows');
  }
}
