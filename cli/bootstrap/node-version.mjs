import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, StepFailed } from './project.mjs';

/** Throws when this Node is older than `engines.node` of package.json. */
export function checkNodeVersion() {
  const { engines } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
  const least = engines.node.replace('>=', '');
  if (!isOlder(process.versions.node, least)) return;
  throw new StepFailed(
    `Node ${least} or newer is needed, this is Node ${process.versions.node}. Get it from https://nodejs.org or with your version manager, then run the command again.`,
  );
}

/** Compares versions such as "20.19" and "20.20.2" part by part. */
export function isOlder(version, least) {
  const have = version.split('.').map(Number);
  for (const [index, wanted] of least.split('.').map(Number).entries()) {
    if (have[index] !== wanted) return have[index] < wanted;
  }
  return false;
}
