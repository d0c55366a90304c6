import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hasErrorCode } from './error-code.ts';

/** 192 bits: far beyond guessing, and short enough to read in a file. */
const secretBytes = 24;

/**
 * Reads the secret kept in `path` or makes one there, readable by its owner
 * alone. The text is base64url, so it fits into a URL unescaped.
 */
export async function readOrCreateSecret(path: string): Promise<string> {
  const known = await readSecret(path);
  if (known !== undefined) return known;
  const secret = randomBytes(secretBytes).toString('base64url');
  try {
    await writeFile(path, `${secret}\n`, { mode: 0o600, flag: 'wx' });
    return secret;
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
    // Another process made it first, or a crash left an empty file behind.
    const theirs = await readSecret(path);
    if (theirs !== undefined) return theirs;
    await writeFile(path, `${secret}\n`, { mode: 0o600 });
    return secret;
  }
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? undefined : text;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
