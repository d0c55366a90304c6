import { randomBytes, scryptSync } from 'node:crypto';

/** For tests of what comes before and after a password is checked. */
export const cheapPasswordCost = { N: 16, r: 8, p: 1 };

/**
 * The stored text of a password that is checked in a moment: the text says at what cost, and whoever signs in derives at
 * that. For tests of what comes before and after the check; what it costs in use is the matter of others.
 */
export function cheapPasswordHash(password: string): string {
  const salt = randomBytes(16);
  const { N, r, p } = cheapPasswordCost;
  const key = scryptSync(password, salt, 32, cheapPasswordCost);
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}
