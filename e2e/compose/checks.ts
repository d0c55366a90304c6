/** Runs named checks one after another and counts them. */
export interface Checks {
  /** Runs one check; what it returns is printed beside its name. A failure is printed whole, and the next check goes on. */
  check(name: string, body: () => Promise<string | void>): Promise<void>;
  /** The same for what all others stand on: it is never left out. */
  require(name: string, body: () => Promise<string | void>): Promise<void>;
  /** Prints `N passed, N failed` and returns the exit code. */
  finish(): number;
}

/** @param only runs just the checks whose name contains one of these; none runs all */
export function createChecks(only: readonly string[]): Checks {
  let passed = 0;
  let failed = 0;
  const begun = performance.now();
  const seconds = (since: number) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

  async function run(name: string, body: () => Promise<string | void>): Promise<void> {
    const started = performance.now();
    try {
      const note = await body();
      passed += 1;
      console.log(`ok      ${name} (${seconds(started)})${note === undefined ? '' : `: ${note}`}`);
    } catch (error) {
      failed += 1;
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      console.log(`FAILED  ${name} (${seconds(started)}): ${reason}`);
    }
  }

  return {
    check: async (name, body) => {
      if (only.length === 0 || only.some((part) => name.includes(part))) await run(name, body);
    },
    require: run,
    finish() {
      console.log(`${passed} passed, ${failed} failed, in ${seconds(begun)}`);
      return failed === 0 && passed > 0 ? 0 : 1;
    },
  };
}

/** Throws unless the condition holds. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
