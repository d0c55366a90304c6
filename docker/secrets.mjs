import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As many random bits as a SHA-256 has; no character that needs escaping in a URL or a configuration file. */
export function newSecret() {
  return randomBytes(32).toString('base64url');
}

/**
 * Passwords that everybody tries first. Compared by their letters and digits
 * alone, without the digits at their end: "Change-Me_123" is one of them.
 */
const wellKnown = new Set(
  (
    'admin administrator changeit changeme default demo docker example guest heddle letmein master minioadmin owner ' +
    'passw0rd password postgres qwerty redis root rustfsadmin secret test user welcome xxx yourpassword'
  ).split(' '),
);
/** Shorter ones can be tried out. */
const leastLength = 12;

/** Whether a password is one of those, or digits alone, or one character again and again. */
export function isWellKnown(password) {
  const core = password.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return wellKnown.has(core) || wellKnown.has(core.replace(/\d+$/, '')) || /^(?:(.)\1*|\d+)$/.test(core);
}

/** Why a chosen password is none, or null. Never contains it. */
export function weaknessOf(password) {
  if (isWellKnown(password)) return 'is one that everybody tries first';
  return password.length < leastLength ? `must have at least ${leastLength} characters` : null;
}

/** The content of a file of secrets; undefined where there is none or it is empty. */
export function readSecret(folder, name) {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() || undefined : undefined;
}

/** Writes a secret whole or not at all, unless it is there already. True when the file has changed. */
export function writeSecret(folder, name, value, mode = 0o400) {
  const file = join(folder, name);
  if (existsSync(file) && isSame(readFileSync(file, 'utf8'), value)) return false;
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, value, { mode });
  renameSync(unfinished, file);
  return true;
}

function isSame(left, right) {
  const digest = (text) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
