import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCatalogue } from '../core/errors/codes.ts';
import { projectRoot } from './processes.ts';

/** A text that an error is made with, as it stands in a source: what is filled in reads `…`. */
export interface ErrorText {
  readonly code: string;
  readonly text: string;
  /** `server/routes/keys.ts:52` */
  readonly at: string;
}

/** Where errors are made that the API answers: in requests, and in runs that it shows. */
const folders = ['assets', 'core', 'db', 'engine', 'media', 'net', 'nodes', 'providers', 'queue', 'server', 'worker'];

/** A code and, behind a comma or as `message`, the beginning of a literal. */
const withText = /'([A-Z][A-Z_]+[A-Z])',\s*(?:message:\s*)?(?=['"`])/g;

/** Every literal text behind a literal code: those of errors, of findings, and of helpers that take both. */
export async function errorTexts(): Promise<ErrorText[]> {
  const found: ErrorText[] = [];
  for (const folder of folders) {
    for (const file of await readdir(join(projectRoot, folder), { recursive: true })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || /\b(?:dist|node_modules)\b/.test(file)) continue;
      const source = await readFile(join(projectRoot, folder, file), 'utf8');
      for (const match of source.matchAll(withText)) {
        const [whole, code = ''] = match;
        const text = literalAt(source, match.index + whole.length);
        // A list of codes is no text.
        if (!(code in errorCatalogue) || !/\s/.test(text)) continue;
        found.push({ code, text, at: `${folder}/${file}:${source.slice(0, match.index).split('\n').length}` });
      }
    }
  }
  return found;
}

/** The literals from here on that are added up. */
function literalAt(source: string, start: number): string {
  let text = '';
  let at = start;
  for (;;) {
    const quote = source[at];
    for (at += 1; at < source.length && source[at] !== quote; at += 1) {
      if (source[at] === '\\') text += source[(at += 1)];
      else if (quote === '`' && source.startsWith('${', at)) {
        text += '…';
        at = endOfHole(source, at + 2);
      } else text += source[at];
    }
    const next = /^\s*\+\s*(?=['"`])/.exec(source.slice(at + 1, at + 200));
    if (next === null) return text;
    at += 1 + next[0].length;
  }
}

/** Where a `${...}` that begins before `start` ends. */
function endOfHole(source: string, start: number): number {
  let depth = 1;
  let at = start;
  for (; at < source.length; at += 1) {
    if (source[at] === '{') depth += 1;
    if (source[at] === '}' && (depth -= 1) === 0) break;
  }
  return at;
}
