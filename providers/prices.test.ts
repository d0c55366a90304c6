import { describe, expect, test } from '@jest/globals';
import { costOf, costOfImages, costOfVideo, priceOf } from './prices.ts';

const usage = { inputTokens: 2_000, outputTokens: 500 };

describe('the cost of an answer', () => {
  test.each([
    ['gemini', 'gemini-2.5-flash', 0.00185],
    ['gemini', 'gemini-2.5-flash-lite', 0.0004],
    ['gemini', 'gemini-2.5-flash-preview-09-2025', 0.00185],
    ['gemini', 'gemini-3.1-pro-preview', 0.01],
  ])('of %s %s follows from its list price', (provider, model, cost) => {
    expect(costOf({ provider, model, usage }, {})).toBeCloseTo(cost, 10);
  });

  test.each([
    ['gemini', 'gemini-9-ultra'],
    ['openai', 'llama-9'],
    // The name alone makes nobody Google.
    ['openai', 'gemini-2.5-flash'],
  ])('of %s %s is not guessed', (provider, model) => {
    expect(costOf({ provider, model, usage }, {})).toBeNull();
  });

  test('is what the operator says, for one provider or for all', () => {
    const prices = { 'llama-9': { input: 1, output: 2 }, 'gemini/gemini-2.5-flash': { input: 0, output: 0 } };
    expect(costOf({ provider: 'openai', model: 'llama-9', usage }, prices)).toBeCloseTo(0.003, 10);
    expect(costOf({ provider: 'gemini', model: 'gemini-2.5-flash', usage }, prices)).toBe(0);
  });
});

describe('the cost of images', () => {
  test.each([
    ['gemini', 'imagen-4.0-generate-001', 3, null, 0.12],
    ['gemini', 'gemini-2.5-flash-image', 2, { inputTokens: 1_000_000, outputTokens: 2_580 }, 0.378],
    ['gemini', 'gemini-3-pro-image-preview', 1, null, 0.134],
    // By the tokens that it says, where only those have a price.
    ['openai', 'gpt-image-9', 4, { inputTokens: 500_000, outputTokens: 1_000_000 }, 45],
    ['openai', 'flux', 4, null, 0.12],
  ])('of %s %s follows from their number or their tokens', (provider, model, count, used, cost) => {
    const prices = { 'gpt-image-9': { input: 10, output: 40 }, flux: { input: 0, output: 0, image: 0.03 } };
    expect(costOfImages({ provider, model, count, usage: used }, prices)).toBeCloseTo(cost, 10);
  });

  test('is not guessed', () => {
    expect(costOfImages({ provider: 'openai', model: 'imagen-4.0-generate', count: 1, usage: null }, {})).toBeNull();
    const tokens = { flux: { input: 1, output: 2 } };
    expect(costOfImages({ provider: 'openai', model: 'flux', count: 1, usage: null }, tokens)).toBeNull();
  });
});

test('what is shown of a price before a call is what is reckoned with after it', () => {
  expect(priceOf({ provider: 'gemini', model: 'gemini-2.5-flash' }, {})).toEqual({ input: 0.3, output: 2.5 });
  expect(priceOf({ provider: 'gemini', model: 'veo-3.1-generate-preview' }, {})).toMatchObject({ second: 0.4 });
  expect(costOfVideo({ provider: 'gemini', model: 'veo-3.1-generate-preview', seconds: 8 }, {})).toBeCloseTo(3.2, 10);
  expect(priceOf({ provider: 'gemini', model: 'imagen-4.0-fast-generate-001' }, {})).toMatchObject({ image: 0.02 });
  expect(priceOf({ provider: 'openai', model: 'gemini-2.5-flash' }, {})).toBeNull();
  const own = { 'gemini/gemini-2.5-flash': { input: 7, output: 8 } };
  expect(priceOf({ provider: 'gemini', model: 'gemini-2.5-flash' }, own)).toEqual({ input: 7, output: 8 });
});
