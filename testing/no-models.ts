import type { AttemptJobs } from '../core/node-type/provider-job.ts';
import type { ModelTools } from '../core/node-type/executor.ts';

const none = () => Promise.reject(new Error('no model here'));

/** Where no node is to call a model: each call fails. Spread it under those that are called. */
export const noModels: ModelTools = {
  lookUp: none,
  generate: none,
  generateImages: none,
  speak: none,
  transcribe: none,
  startVideo: none,
  askForVideo: none,
  fetchVideo: none,
  cancelVideo: none,
};

/** Where no node has a job at a provider. */
export const noJobs: AttemptJobs = { find: none, handIn: none };
