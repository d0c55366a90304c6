import { runWorker } from './program.ts';

// The worker process.
runWorker();
