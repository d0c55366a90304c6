import type { ModelUsage } from '../core/node-type/model-usage.ts';

/** What a model costs, in US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** US dollars for a second of video. */
  readonly second?: number;
}

/** By the name of the model, or by `provider/model` where two providers have one of that name. */
export type ModelPrices = Readonly<Record<string, ModelPrice>>;

/**
 * Google's list prices as of May 2026, for requests of up to 200,000 tokens.
 * MODEL_PRICES overrides them; a model that neither knows has no price, and none is guessed.
 */
const listPrices: ModelPrices = {
  'gemini-3.5-flash': { input: 1.5, output: 9 },
  'gemini-3.1-pro': { input: 2, output: 12 },
  'gemini-3.1-flash-lite': { input: 0.25, output: 1.5 },
  'gemini-3-flash': { input: 0.5, output: 3 },
  'gemini-2.5-pro': { input: 1.25, output: 10 },
  'gemini-2.5-flash': { input: 0.3, output: 2.5 },
  'gemini-2.5-flash-lite': { input: 0.1, output: 0.4 },
};

/** The price of an answer in US dollars; null where the model has no known price. */
export function costOf(
  { provider, model, usage }: { readonly provider: string; readonly model: string; readonly usage: ModelUsage },
  prices: ModelPrices,
): number | null {
  const price = prices[`${provider}/${model}`] ?? prices[model] ?? (provider === 'gemini' ? listPriceOf(model) : null);
  if (price === null) return null;
  return (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
}

/** Google's list prices as of May 2026, in US dollars for a second of video with sound in 720p and 1080p. */
const videoPrices: Readonly<Record<string, number>> = {
  'veo-3.1-generate': 0.4,
  'veo-3.1-fast-generate': 0.15,
  'veo-3.0-generate': 0.4,
  'veo-3.0-fast-generate': 0.15,
  'veo-2.0-generate': 0.35,
};

/** The price of a video in US dollars; null where its model has no known price, or nobody says how long it is. */
export function costOfVideo(
  { provider, model, seconds }: { readonly provider: string; readonly model: string; readonly seconds: number | null },
  prices: ModelPrices,
): number | null {
  const own = prices[`${provider}/${model}`] ?? prices[model];
  const second =
    own === undefined ? (provider === 'gemini' ? (videoPrices[plainName(model)] ?? null) : null) : own.second;
  return seconds === null || second === null || second === undefined ? null : seconds * second;
}

/** A preview or a dated edition costs what its model does. */
function listPriceOf(model: string): ModelPrice | null {
  return listPrices[plainName(model)] ?? null;
}

function plainName(model: string): string {
  return model.replace(/(?:-preview)?(?:-\d{2}-\d{4}|-\d{2}-\d{2}|-\d{3}|-latest)?$/, '');
}
