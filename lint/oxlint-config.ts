import { folders, guardedPackages, importRules, type GuardedPackage, type ImportRule } from './import-rules.ts';

/** What the linter is told besides who may import whom. */
const rules = {
  'typescript/no-explicit-any': 'error',
  'typescript/no-floating-promises': 'error',
  'typescript/no-misused-promises': ['error', { checksVoidReturn: false }],
  'typescript/only-throw-error': ['error', { allowThrowingUnknown: true, allowThrowingAny: true }],
  'typescript/switch-exhaustiveness-check': 'error',
  'typescript/consistent-type-imports': 'error',
  'import/no-default-export': 'error',
  'import/no-cycle': ['error', { ignoreTypes: false }],
  'node/no-process-env': 'error',
  'oxc/no-barrel-file': ['error', { threshold: 0 }],
  'react/rules-of-hooks': 'error',
  'react/exhaustive-deps': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'typescript/unbound-method': 'off',
  'typescript/no-base-to-string': 'off',
  'typescript/require-array-sort-compare': 'off',
  'typescript/no-useless-default-assignment': 'off',
  'unicorn/no-useless-spread': 'off',
  'promise/no-callback-in-promise': 'off',
  'react/purity': 'off',
  'no-var': 'error',
  'no-console': 'error',
  'house/commented-exports': 'error',
} as const;

/** Files for which some of it is lifted. */
const exceptions = [
  {
    files: ['bench/**', 'e2e/**'],
    rules: { 'no-restricted-imports': 'off', 'node/no-process-env': 'off', 'no-console': 'off' },
  },
  { files: ['**/config.ts', 'cli/**/*.mjs', '**/*.test.ts'], rules: { 'node/no-process-env': 'off' } },
  {
    files: [
      'jest.config.ts',
      'web/vite.config.ts',
      'testing/global-setup.ts',
      'testing/global-unit-setup.ts',
      'testing/global-teardown.ts',
      'testing/slowest-first.mjs',
      'testing/jest/*.mjs',
      'lint/commented-exports.mjs',
    ],
    rules: { 'import/no-default-export': 'off' },
  },
  {
    files: ['migrations/**', 'testing/**', 'bench/**', 'e2e/**', '**/*.test.ts', '**/*.test.tsx'],
    rules: { 'house/commented-exports': 'off' },
  },
  { files: ['testing/test-server.ts'], rules: { 'typescript/no-explicit-any': 'off' } },
  { files: ['web/vite.config.ts'], rules: { 'no-restricted-imports': 'off' } },
  // Programs of the house itself.
  { files: ['lint/**'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.mjs'],
    rules: { 'no-restricted-imports': 'off', 'node/no-process-env': 'off', 'no-console': 'off' },
  },
] as const;

/** The content of `.oxlintrc.json`. */
export function oxlintConfig(): object {
  return {
    $schema: './node_modules/oxlint/configuration_schema.json',
    plugins: ['typescript', 'unicorn', 'oxc', 'import', 'node', 'react', 'promise'],
    jsPlugins: ['./lint/commented-exports.mjs'],
    categories: { correctness: 'error' },
    rules,
    ignorePatterns: ['dist', 'node_modules', '.heddle', 'coverage'],
    overrides: [...importRules.map(override), ...exceptions],
  };
}

function override(rule: ImportRule): object {
  const own = folders.find((folder) => folder === rule.name);
  const refusedFolders = folders.filter((folder) => folder !== own && !rule.mayImport.includes(folder));
  const groups = Object.keys(guardedPackages) as GuardedPackage[];
  const patterns = [
    { regex: `^(\\.\\.?/)+(${refusedFolders.join('|')})/`, message: rule.message },
    ...groups
      .filter((group) => !(rule.mayUse ?? []).includes(group))
      .map((group) => {
        const { packages, message } = guardedPackages[group];
        return { regex: `^(${packages.join('|').replaceAll('.', '\\.')})(/|$)`, message };
      }),
    ...(rule.refused ?? []),
  ];
  return { files: rule.files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}
