import { readFileSync } from 'node:fs';

/** Environment variables as a process sees them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem of a configuration at once, by variable name and without any value. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not usable: ${problems.join(' ')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Fills in secrets that are given as a file: `NAME_FILE` names a file whose
 * content, without white space at its ends, is the value of `NAME`. An empty
 * variable or file counts as not set. Problems are added to `problems`.
 */
export function withFileSecrets(env: Environment, names: readonly string[], problems: string[]): Environment {
  const filled: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) if (value !== '') filled[name] = value;
  for (const name of names) {
    const file = filled[`${name}_FILE`];
    if (file === undefined) continue;
    if (filled[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set; keep one of them.`);
      continue;
    }
    try {
      filled[name] = readFileSync(file, 'utf8').trim() || undefined;
    } catch {
      problems.push(`${name}_FILE names a file that cannot be read.`);
    }
  }
  return filled;
}
