import type { ModelTools } from '../core/node-type/executor.ts';

const none = () => Promise.reject(new Error('no model here'));

/** Where no node is to call a model: each call fails. Spread it under those that are called. */
export const noModels: ModelTools = { generate: none, generateImages: none, speak: none, transcribe: none };
