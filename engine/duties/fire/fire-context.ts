import type { FireStarterDependencies } from '../../triggers/start-fires.ts';

/** What each duty that fires triggers gets. */
export interface FireContext extends FireStarterDependencies {
  readonly newId: () => string;
}

/** Triggers and fires in one statement. */
export const batchSize = 100;
