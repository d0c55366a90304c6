import { tmpdir } from 'node:os';
import { createMedia } from '../media/media.ts';
import { createBinaries } from '../media/video/binaries.ts';
import { createProviders } from '../providers/create-providers.ts';
import { createModelRegistry, type ModelRegistry } from '../providers/registry.ts';
import type { ServerConfig } from './config.ts';

export interface OpenedMedia {
  readonly models: ModelRegistry;
  stop(): Promise<void>;
}

/** Opens what the server needs to take files, show them and call models. */
export async function openMedia(config: ServerConfig): Promise<OpenedMedia> {
  const media = createMedia({ binaries: createBinaries(config.binaries) });
  const models = createModelRegistry({
    providers: createProviders({ ...config.providers, now: Date.now }),
    media,
    tempDir: tmpdir(),
    now: Date.now,
  });
  return {
    models,
    stop: async () => {
      await models.stop();
      await media.stop();
    },
  };
}
