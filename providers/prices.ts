import type { ModelUsage } from '../core/node-type/model-usage.ts';

/** What a model costs, in US dollars for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  /** US dollars for a second of video. */
  readonly second?: number;
  /** US dollars for an image that it makes; what it writes beside that is not counted then. */
  readonly image?: number;
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
  const price = ownPriceOf(provider, model, prices) ?? (provider === 'gemini' ? listPriceOf(model) : null);
  if (price === null) return null;
  return (usage.inputTokens * price.input + usage.outputTokens * price.output) / 1_000_000;
}

/** Google's list prices as of May 2026, in US dollars for an image of a megapixel or so, and for a million tokens in. */
const imagePrices: Readonly<Record<string, { readonly image: number; readonly input: number }>> = {
  'imagen-4.0-generate': { image: 0.04, input: 0 },
  'imagen-4.0-fast-generate': { image: 0.02, input: 0 },
  'imagen-4.0-ultra-generate': { image: 0.06, input: 0 },
  'gemini-2.5-flash-image': { image: 0.039, input: 0.3 },
  'gemini-3-pro-image': { image: 0.134, input: 2 },
};

/** The price of images in US dollars; null where it is not known. `usage`: null where it is not known, or not yet. */
export function costOfImages(
  made: {
    readonly provider: string;
    readonly model: string;
    readonly count: number;
    readonly usage: ModelUsage | null;
  },
  prices: ModelPrices,
): number | null {
  const { provider, model, count, usage } = made;
  const own = ownPriceOf(provider, model, prices);
  const price = own ?? (provider === 'gemini' ? (imagePrices[plainName(model)] ?? null) : null);
  if (price?.image !== undefined) return count * price.image + ((usage?.inputTokens ?? 0) * price.input) / 1_000_000;
  return usage === null ? null : costOf({ provider, model, usage }, prices);
}

/** What a model costs, as far as it is known; null where it is not. */
export function priceOf(
  { provider, model }: { readonly provider: string; readonly model: string },
  prices: ModelPrices,
): ModelPrice | null {
  const own = ownPriceOf(provider, model, prices);
  if (own !== null || provider !== 'gemini') return own;
  const second = videoPrices[plainName(model)];
  const image = imagePrices[plainName(model)];
  if (second !== undefined) return { input: 0, output: 0, second };
  return image === undefined ? listPriceOf(model) : { ...image, output: 0 };
}

function ownPriceOf(provider: string, model: string, prices: ModelPrices): ModelPrice | null {
  return prices[`${provider}/${model}`] ?? prices[model] ?? null;
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
  const own = ownPriceOf(provider, model, prices);
  const second = own === null ? (provider === 'gemini' ? videoPrices[plainName(model)] : undefined) : own.second;
  return seconds === null || second === undefined ? null : seconds * second;
}

/** A preview or a dated edition costs what its model does. */
function listPriceOf(model: string): ModelPrice | null {
  return listPrices[plainName(model)] ?? null;
}

function plainName(model: string): string {
  return model.replace(/(?:-preview)?(?:-\d{2}-\d{4}|-\d{2}-\d{2}|-\d{3}|-latest)?$/, '');
}
