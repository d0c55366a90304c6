/** @jest-config-loader esbuild-register */
import { readdirSync } from 'node:fs';
import type { Config } from 'jest';

const shared = {
  testEnvironment: '<rootDir>/testing/jest/environment.mjs',
  runtime: '<rootDir>/testing/jest/runtime.mjs',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.heddle/'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
} satisfies Config;

/** Folders whose tests need Postgres and Redis. */
const withServices = new Set([
  'db',
  'net',
  'queue',
  'embedded',
  'engine',
  'boot',
  'server',
  'worker',
  'cli',
  'client',
  'testing',
  'migrations',
]);
/** The browser tests have a configuration of their own. */
const notHere = new Set(['e2e', 'dist', 'node_modules']);

/** Every other folder of the top level, so that no test can stand where nobody looks. */
const folders = readdirSync(__dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !notHere.has(entry.name))
  .map(({ name }) => name);
const unitFolders = folders.filter((name) => !withServices.has(name));
const integrationFolders = folders.filter((name) => withServices.has(name));

const config: Config = {
  // More than there are cores: most of the time tests wait, for processes of their own or for a lease to end.
  maxWorkers: 6,
  testSequencer: '<rootDir>/testing/slowest-first.mjs',
  // Ends what hangs. No test is right or wrong by how long it takes: a busy machine may need minutes for what takes seconds.
  testTimeout: 600_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: unitFolders.map((folder) => `<rootDir>/${folder}/**/*.test.{ts,tsx}`),
      globalSetup: '<rootDir>/testing/global-unit-setup.ts',
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: integrationFolders.map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
      globalSetup: '<rootDir>/testing/global-setup.ts',
      globalTeardown: '<rootDir>/testing/global-teardown.ts',
    },
  ],
};

export default config;
