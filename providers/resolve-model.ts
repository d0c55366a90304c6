import { TerminalError } from '../core/errors/app-error.ts';
import type { ModelProvider } from './provider.ts';

interface ResolvedModel {
  readonly provider: ModelProvider;
  /** The provider's own name, without a prefix. */
  readonly model: string;
}

/**
 * Whom a model name belongs to: the provider named in `<provider>/<model>`,
 * else the first one that claims the name; configured or not. Throws
 * PROVIDER_BAD_REQUEST for an empty name.
 */
export function resolveModel(providers: readonly ModelProvider[], written: string): ResolvedModel {
  const name = written.trim();
  if (name === '') {
    throw new TerminalError('PROVIDER_BAD_REQUEST', 'No model is chosen. Choose one in the field "Model".', {
      details: { field: 'model' },
    });
  }
  const slash = name.indexOf('/');
  const named = slash < 0 ? undefined : providers.find(({ id }) => id === name.slice(0, slash));
  const model = named === undefined ? name : name.slice(slash + 1);
  const provider = named ?? providers.find((candidate) => candidate.claims(name));
  if (provider === undefined || model === '') {
    throw new TerminalError(
      'PROVIDER_MODEL_NOT_FOUND',
      `No provider has the model "${name}". Write it as <provider>/<model>, with one of: ` +
        `${providers.map(({ id }) => id).join(', ')}.`,
      { details: { model: name } },
    );
  }
  return { provider, model };
}

/** The shortest name that resolves to this model of this provider. */
export function nameOfModel(providers: readonly ModelProvider[], provider: ModelProvider, model: string): string {
  const resolved = resolveModel(providers, model);
  return resolved.provider === provider && resolved.model === model ? model : `${provider.id}/${model}`;
}

/** The error for a model whose provider has no key or address. */
export function notConfiguredError({ provider, model }: ResolvedModel): TerminalError {
  return new TerminalError(
    'PROVIDER_NOT_CONFIGURED',
    `The model "${model}" needs the provider ${provider.title}, which is not configured. ${provider.setupAdvice} ` +
      'Or add a key of your own in Settings.',
    { details: { provider: provider.id, variable: provider.variable, model } },
  );
}
