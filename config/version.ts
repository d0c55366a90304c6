import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The version in package.json, which lies above the sources, two folders above the compiled files and three above bundles. */
export function readVersion(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  for (const folder of ['..', '../..', '../../..']) {
    try {
      const text = readFileSync(path.join(here, folder, 'package.json'), 'utf8');
      return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
    } catch {
      continue;
    }
  }
  return '0.0.0';
}
