import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Such processes live for seconds: what V8 optimizes is not earned back (see jest/runtime.mjs). */
const ofShortLives = '--interrupt-budget=1000000';

/**
 * Runs a bundle of bundle-programs.ts in this process, with what V8 has compiled of it before: that lies beside it, kept by
 * the first one to end by itself.
 */
export function runCompiled(file: string): void {
  setFlagsFromString(ofShortLives);
  const place = `${file}.compiled`;
  const cachedData = readIfThere(place);
  // ASCII, as esbuild writes.
  const script = new Script(readFileSync(file, 'latin1'), { filename: file, cachedData });
  if (cachedData === undefined || script.cachedDataRejected === true) {
    process.once('exit', () => keep(script.createCachedData(), place));
  }
  const module = { exports: {} };
  const run = script.runInThisContext() as (require: NodeJS.Require, module: object, exports: object) => void;
  run(createRequire(file), module, module.exports);
}

function readIfThere(place: string): Buffer | undefined {
  try {
    return readFileSync(place);
  } catch {
    return undefined;
  }
}

/** Whole or not at all: others read it at the same time. */
function keep(compiled: Buffer, place: string): void {
  const folder = mkdtempSync(join(dirname(place), 'unfinished-'));
  writeFileSync(join(folder, 'compiled'), compiled);
  renameSync(join(folder, 'compiled'), place);
  rmSync(folder, { recursive: true });
}
