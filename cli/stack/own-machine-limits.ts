import { isLoopback } from '../../config/loopback.ts';

/*
 * The ordinary limits share an installation between users and hold off floods.
 * Where only programs of this machine reach it there is nobody to share with:
 * the owner's scripts may start hundreds of runs and have dozens under way.
 */
const limits: Readonly<Record<string, string>> = {
  API_RATE_BURST: '5000',
  API_RATE_PER_SECOND: '1000',
  RUN_START_BURST: '2000',
  RUN_START_PER_MINUTE: '6000',
  // A worker executes 64 waiting nodes at once.
  RUN_ACTIVE_PER_USER: '64',
  RUN_QUEUE_PER_USER: '5000',
};

/** What to add to the environment of a stack that listens on `host`; what is set there already stays. */
export function ownMachineLimits(
  host: string,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  if (!isLoopback(host)) return {};
  return Object.fromEntries(Object.entries(limits).filter(([name]) => !environment[name]));
}
