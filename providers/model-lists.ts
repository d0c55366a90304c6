import type { ModelProviderInfo } from '../core/api/llm.ts';
import { toAppError } from '../core/errors/app-error.ts';
import { lacksByName } from '../core/node-type/model-abilities.ts';
import { tasksByName, type ModelTask } from '../core/node-type/model-tasks.ts';
import { priceOf, type ModelPrices } from './prices.ts';
import type { ModelProvider, ProviderModel } from './provider.ts';
import { nameOfModel } from './resolve-model.ts';

/** New models appear every few weeks; five minutes spare the provider and still feel fresh. */
const keepListMs = 5 * 60_000;
/** A failure is kept for a shorter time, so that a corrected network shows soon, but not asked for on every page view. */
const keepFailureMs = 30_000;

interface OwnList {
  readonly models: readonly ProviderModel[];
  readonly error?: string;
}

interface Kept {
  readonly list: Promise<OwnList>;
  /** When to read again; null while reading. */
  until: number | null;
}

interface ModelListsOptions {
  readonly providers: readonly ModelProvider[];
  /** Those that go before the known list prices. */
  readonly prices: ModelPrices;
  /** The time of day in milliseconds. */
  readonly now: () => number;
}

/** What is known of a model before it is called, for lists of models. `makes`: what its provider says; else its name does. */
export function knownOfModel(
  model: { readonly provider: string; readonly model: string; readonly makes?: readonly ModelTask[] },
  prices: ModelPrices,
): Omit<ModelProviderInfo['models'][number], 'id' | 'title'> {
  const { makes = tasksByName(model.model) } = model;
  const lacks = lacksByName(model.model);
  const price = priceOf(model, prices);
  return {
    ...(makes !== undefined && { makes: [...makes] }),
    ...(lacks.length > 0 && { lacks: [...lacks] }),
    ...(price !== null && { price }),
  };
}

/**
 * Every provider with its models: those of the configuration first, then the
 * provider's own list, each under the name that a node would use. Own lists are
 * kept for some minutes; callers at the same time share one reading.
 */
export class ModelLists {
  readonly #options: ModelListsOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #stop = new AbortController();

  constructor(options: ModelListsOptions) {
    this.#options = options;
  }

  /** Never throws for a provider's failure: it stands in `error`. `refresh` reads again what is kept. */
  async list({ refresh = false }: { readonly refresh?: boolean } = {}): Promise<ModelProviderInfo[]> {
    return Promise.all(this.#options.providers.map((provider) => this.#describe(provider, refresh)));
  }

  /** Breaks off what is being read and waits for it. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('The model lists were stopped.'));
    await Promise.all([...this.#kept.values()].map(({ list }) => list));
  }

  async #describe(provider: ModelProvider, refresh: boolean): Promise<ModelProviderInfo> {
    const { id, title, configured, variable, configuredModels } = provider;
    const own: OwnList = configured ? await this.#ownList(provider, refresh) : { models: [] };
    const byId = new Map<string, ProviderModel>(configuredModels.map((model) => [model, { id: model, title: model }]));
    for (const model of own.models) byId.set(model.id, model);
    const models = [...byId].map(([model, { title: modelTitle, makes }]) => ({
      id: nameOfModel(this.#options.providers, provider, model),
      title: modelTitle,
      ...knownOfModel({ provider: id, model, makes }, this.#options.prices),
    }));
    return {
      id,
      title,
      configured,
      ownKey: false,
      variable,
      models,
      ...(own.error === undefined ? {} : { error: own.error }),
    };
  }

  #ownList(provider: ModelProvider, refresh: boolean): Promise<OwnList> {
    const kept = this.#kept.get(provider.id);
    const isReading = kept?.until === null;
    const isFresh = typeof kept?.until === 'number' && this.#options.now() < kept.until && !refresh;
    if (kept !== undefined && (isReading || isFresh)) return kept.list;

    const entry: Kept = { list: this.#read(provider), until: null };
    this.#kept.set(provider.id, entry);
    void entry.list.then(({ error }) => {
      entry.until = this.#options.now() + (error === undefined ? keepListMs : keepFailureMs);
    });
    return entry.list;
  }

  async #read(provider: ModelProvider): Promise<OwnList> {
    try {
      const models = await provider.listModels({ signal: this.#stop.signal });
      return { models: models.filter(({ id }) => id.trim() !== '') };
    } catch (error) {
      return { models: [], error: toAppError(error).message };
    }
  }
}
