import { describe, expect, test } from '@jest/globals';
import { costOf } from './prices.ts';

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
