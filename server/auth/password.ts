import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';

/** About a quarter of a second and 32 MiB on one core: dear for a guesser, fine for a sign-in. */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
/** scrypt needs 128 * N * r bytes; Node's default limit is just that and refuses. */
const maxMemory = 64 * 1024 * 1024;
const keyBytes = 32;
const saltBytes = 16;

/** Hashes a password into one text that holds the algorithm's cost, the salt and the hash. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return storedText(salt, await derive(password, salt, cost));
}

/** The same while everything waits: for the configuration, before a process does anything else. */
export function hashPasswordNow(password: string): string {
  const salt = randomBytes(saltBytes);
  return storedText(salt, scryptSync(password.normalize('NFKC'), salt, keyBytes, { ...cost, maxmem: maxMemory }));
}

function storedText(salt: Buffer, key: Buffer): string {
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/**
 * Whether the password belongs to the stored text. Takes the same time where
 * there is no stored text, so that an unknown user cannot be told apart.
 */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [algorithm, N, r, p, salt, key] = (stored ?? '').split('$');
  if (algorithm !== 'scrypt' || salt === undefined || key === undefined) {
    await derive(password, Buffer.alloc(saltBytes), cost);
    return false;
  }
  const expected = Buffer.from(key, 'base64url');
  const actual = await derive(password, Buffer.from(salt, 'base64url'), { N: Number(N), r: Number(r), p: Number(p) });
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function derive(password: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // NFKC: the same password typed on another keyboard gives the same bytes.
    scrypt(password.normalize('NFKC'), salt, keyBytes, { N, r, p, maxmem: maxMemory }, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
