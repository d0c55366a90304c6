import type pg from 'pg';
import type { InstallationLimits } from '../config/limits.ts';
import type { Logger, ModelTools } from '../core/node-type/executor.ts';
import type { Scrubber } from '../core/scrub.ts';
import { listProviderKeys, listAllProviderKeys } from '../db/provider-keys/list.ts';
import { resealProviderKey } from '../db/provider-keys/save.ts';
import type { SealedProviderKey } from '../db/provider-keys/rows.ts';
import { WireMemory } from '../providers/adaptions.ts';
import { createGeminiProvider } from '../providers/gemini.ts';
import { createOpenAiCompatibleProvider } from '../providers/openai-compatible.ts';
import { defaultCallLimits, type ModelProvider } from '../providers/provider.ts';
import { keyBinding, type SecretBox } from '../providers/secret-box.ts';

interface UserModelsDependencies {
  readonly pool: pg.Pool;
  /** Null where the operator has set no key: then no user has one either. */
  readonly box: SecretBox | null;
  /** Those of the installation. */
  readonly providers: readonly ModelProvider[];
  /** Model tools over a list of providers, for the work of one user. */
  readonly toolsOf: (providers: readonly ModelProvider[], userId: string) => ModelTools;
  /** Reaches the addresses that users give. */
  readonly fetch: typeof globalThis.fetch;
  /** Learns every key that is used, so that it is hidden wherever something is written down. */
  readonly scrubber: Scrubber;
  /** How long the providers are waited for, whoever's key it is. */
  readonly waits: InstallationLimits['models'];
  readonly logger: Logger;
  readonly now: () => number;
}

const ownNames = {
  keyVariable: 'your own key in Settings',
  addressVariable: 'the address of your own key in Settings',
};

/**
 * The models as a user may call them: a key of one's own takes the place of the
 * installation's provider of that name. The only place where keys are opened, by
 * workers for nodes and by servers for direct calls; each goes to the address
 * that it was saved for.
 */
export function createUserModels(dependencies: UserModelsDependencies): (userId: string) => ModelTools {
  const { pool, box, providers, toolsOf } = dependencies;
  // Providers are made for each call; what a server asked for is remembered across them.
  const memory = new WireMemory();

  function ownProvider(opened: SecretBox, key: SealedProviderKey): ModelProvider | null {
    const apiKey = opened.open(key.sealed, keyBinding(key));
    if (apiKey === null) {
      dependencies.logger.error({ userId: key.userId, provider: key.provider }, 'a stored provider key does not open');
      return null;
    }
    dependencies.scrubber.add(apiKey);
    const { fetch, now, waits } = dependencies;
    const common = { apiKey, models: [], names: ownNames, fetch, now, memory };
    if (key.provider === 'gemini') {
      return createGeminiProvider({ ...common, limits: { ...defaultCallLimits, ...waits.gemini } });
    }
    const limits = { ...defaultCallLimits, ...waits.openai };
    return createOpenAiCompatibleProvider({ ...common, limits, baseUrl: key.baseUrl ?? '' });
  }

  /** Over the providers of the installation, with the user's own in the place of those of their names. */
  async function toolsFor(userId: string): Promise<ModelTools> {
    if (box === null) return toolsOf(providers, userId);
    const own = (await listProviderKeys(pool, userId))
      .map((key) => ownProvider(box, key))
      .filter((provider) => provider !== null)
      .map((provider) => ({ ...provider, keyName: `${provider.id} of ${userId}` }));
    if (own.length === 0) return toolsOf(providers, userId);
    return toolsOf(
      providers.map((provider) => own.find(({ id }) => id === provider.id) ?? provider),
      userId,
    );
  }

  return (userId) => ({
    lookUp: async (request) => (await toolsFor(userId)).lookUp(request),
    generate: async (request, options) => (await toolsFor(userId)).generate(request, options),
    generateImages: async (request, options) => (await toolsFor(userId)).generateImages(request, options),
    speak: async (request, options) => (await toolsFor(userId)).speak(request, options),
    transcribe: async (request, options) => (await toolsFor(userId)).transcribe(request, options),
    startVideo: async (request, options) => (await toolsFor(userId)).startVideo(request, options),
    askForVideo: async (job, options) => (await toolsFor(userId)).askForVideo(job, options),
    fetchVideo: async (job, options) => (await toolsFor(userId)).fetchVideo(job, options),
    cancelVideo: async (job, options) => (await toolsFor(userId)).cancelVideo(job, options),
  });
}

/** Seals with the present key what is still sealed with the old one. Gives how many. */
export async function resealProviderKeys(pool: pg.Pool, box: SecretBox): Promise<number> {
  let count = 0;
  for (const key of await listAllProviderKeys(pool)) {
    if (box.isCurrent(key.sealed)) continue;
    const secret = box.open(key.sealed, keyBinding(key));
    if (secret === null) continue;
    await resealProviderKey(pool, key, box.seal(secret, keyBinding(key)));
    count += 1;
  }
  return count;
}
