import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project: everything here works from any working directory. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Says what is being done, apart from what the work itself prints. */
export function say(text) {
  process.stderr.write(`heddle: ${text}\n`);
}

/** A step that cannot go on; its message is all that the user needs to see. */
export class StepFailed extends Error {}

/** Runs the steps of a script; a StepFailed is printed without a stack and ends the process with code 1. */
export async function runScript(steps) {
  try {
    await steps();
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
