import { randomBytes, scryptSync } from 'node:crypto';

/**
 * The stored text of a password that is checked in a moment: the text says at what cost, and whoever signs in derives at
 * that. For tests of what comes before and after the check; what it costs in use is the matter of others.
 */
export function cheapPasswordHash(password: string): string {
  const salt = randomBytes(16);
  const cost = { N: 16, r: 8, p: 1 };
  const key = scryptSync(password, salt, 32, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}
