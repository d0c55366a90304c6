import { parseArgs } from 'node:util';
import { createComposeApi } from './api.ts';
import { checkBackup } from './backup.ts';
import { createChecks } from './checks.ts';
import { checkFaults } from './faults.ts';
import { checkInstallation } from './installation.ts';
import { checkProfiles } from './profiles.ts';
import { checkScaling } from './scaling.ts';
import { createComposeStack } from './stack.ts';
import { checkWork } from './work.ts';

/*
 * `npm run test:compose`: builds the image and runs a whole installation with
 * Docker Compose under a name of its own, works it through the public port,
 * and breaks it in every way that an operator or a machine might. Needs Docker
 * with Compose; takes some ten minutes. Ends with one line "N passed, N failed".
 *
 *   --only TEXT   just the checks whose name contains TEXT; may be given more than once (the stack is always started)
 *   --keep        leaves the installation running
 */
const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, keep: { type: 'boolean', default: false } },
});

const image = 'heddle:compose-test';
const checks = createChecks(values.only);
const stack = await createComposeStack(image);
const context = { checks, stack, api: createComposeApi(stack.url, stack.apiKey), image };
console.log(`an installation of ${image} at ${stack.url}`);
try {
  await checkInstallation(context);
  await checkWork(context);
  await checkFaults(context);
  await checkProfiles(context);
  await checkBackup(context);
  await checkScaling(context);
} finally {
  if (!values.keep) await stack.dispose();
}
process.exitCode = checks.finish();
