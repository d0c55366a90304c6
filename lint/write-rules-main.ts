import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeFiles } from './write-rules.ts';

// `npm run lint:rules`: writes what is made of the table of imports.
const projectRoot = fileURLToPath(new URL('..', import.meta.url));
for (const [path, text] of await madeFiles(projectRoot)) await writeFile(join(projectRoot, path), text);
