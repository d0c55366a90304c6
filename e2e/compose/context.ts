import type { ComposeApi } from './api.ts';
import type { Checks } from './checks.ts';
import type { ComposeStack } from './stack.ts';

/** What every group of checks works with. */
export interface ComposeContext {
  readonly checks: Checks;
  readonly stack: ComposeStack;
  readonly api: ComposeApi;
  readonly image: string;
}

/** More requests and runs than people make: the load must not be turned away. */
export const testSettings = {
  API_RATE_BURST: '100000',
  API_RATE_PER_SECOND: '100000',
  RUN_START_BURST: '100000',
  RUN_START_PER_MINUTE: '100000',
  RUN_ACTIVE_PER_USER: '10000',
  RUN_QUEUE_PER_USER: '100000',
  RUN_QUEUE_TOTAL: '100000',
  WORKER_CONCURRENCY: 'io=16,cpu=2',
};
