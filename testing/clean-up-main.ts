import { removeDataDir } from '../embedded/remove-data-dir.ts';

// Stands beside the services of tests and benches. When whoever started them is gone, even by kill -9, the channel to it
// breaks; then it ends the services and deletes their folder, the first argument.
const [, , dataDir] = process.argv;
if (dataDir === undefined) throw new Error('The folder of the services is missing. Give it as the first argument.');
process.once('disconnect', () => void removeDataDir(dataDir).finally(() => process.exit()));
