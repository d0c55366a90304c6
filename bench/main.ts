/*
 * Runs a measurement by its name, with what follows it:
 *
 *   npm run bench -- [throughput|io|history|media|operations|live|lists|growth|query-plans|crop-memory|api|starts|start|neighbors|peers] [--options]
 */
const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  throughput: () => import('./throughput.ts'),
  io: () => import('./io.ts'),
  history: () => import('./history.ts'),
  media: () => import('./media.ts'),
  operations: () => import('./operations.ts'),
  live: () => import('./live.ts'),
  lists: () => import('./lists.ts'),
  growth: () => import('./growth.ts'),
  'query-plans': () => import('./query-plans.ts'),
  'crop-memory': () => import('./crop-memory.ts'),
  api: () => import('./api.ts'),
  starts: () => import('./starts.ts'),
  start: () => import('./start.ts'),
  neighbors: () => import('./neighbors.ts'),
  peers: () => import('./peers.ts'),
};

const [, , name] = process.argv;
const isNamed = name !== undefined && !name.startsWith('-');
const scenario = scenarios[isNamed ? name : 'throughput'];
if (scenario === undefined) {
  console.error(`There is no measurement "${name}". There are: ${Object.keys(scenarios).join(', ')}.`);
  process.exitCode = 1;
} else {
  // The scenarios read the options that are left.
  if (isNamed) process.argv.splice(2, 1);
  await scenario();
}
