import { randomBytes, scryptSync, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** Turns a password and a salt into so many bytes, slowly. */
export type Derive = (
  password: string,
  salt: Uint8Array,
  keyBytes: number,
  options: ScryptOptions,
) => Promise<Uint8Array>;

/** What it costs to derive a key from a password: the numbers of scrypt (RFC 7914). */
export interface PasswordCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** About a quarter of a second and 32 MiB on one core: dear for a guesser, fine for a sign-in. */
export const passwordCost: PasswordCost = { N: 2 ** 15, r: 8, p: 3 };
/** scrypt needs 128 * N * r bytes; Node's default limit is just that and refuses. */
const maxMemory = 64 * 1024 * 1024;
const keyBytes = 32;
const saltBytes = 16;

/** Hashes a password into one text that holds the algorithm's cost, the salt and the hash. */
export async function hashPassword(password: string, derive: Derive, cost = passwordCost): Promise<string> {
  const salt = randomBytes(saltBytes);
  return storedText(salt, await derive(normalized(password), salt, keyBytes, optionsOf(cost)), cost);
}

/** The same while everything waits: for the configuration, before a process does anything else. */
export function hashPasswordNow(password: string): string {
  const salt = randomBytes(saltBytes);
  return storedText(salt, scryptSync(normalized(password), salt, keyBytes, optionsOf(passwordCost)), passwordCost);
}

/**
 * Whether the password belongs to the stored text. Where there is none it takes as long as with one of `cost`, so that an
 * unknown user cannot be told apart.
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  derive: Derive,
  cost = passwordCost,
): Promise<boolean> {
  const [algorithm, N, r, p, salt, key] = (stored ?? '').split('$');
  if (algorithm !== 'scrypt' || salt === undefined || key === undefined) {
    await derive(normalized(password), Buffer.alloc(saltBytes), keyBytes, optionsOf(cost));
    return false;
  }
  const expected = Buffer.from(key, 'base64url');
  const options = optionsOf({ N: Number(N), r: Number(r), p: Number(p) });
  const actual = await derive(normalized(password), Buffer.from(salt, 'base64url'), keyBytes, options);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function storedText(salt: Uint8Array, key: Uint8Array, cost: PasswordCost): string {
  const [saltText, keyText] = [salt, key].map((bytes) => Buffer.from(bytes).toString('base64url'));
  return ['scrypt', cost.N, cost.r, cost.p, saltText, keyText].join('$');
}

function optionsOf(wanted: PasswordCost): ScryptOptions {
  return { ...wanted, maxmem: maxMemory };
}

/** NFKC: the same password typed on another keyboard gives the same bytes. */
function normalized(password: string): string {
  return password.normalize('NFKC');
}
