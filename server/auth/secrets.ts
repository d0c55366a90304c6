import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits: beyond any guessing, so a plain hash is enough to store them. */
const secretBytes = 32;

/** A new secret of 43 base64url characters. */
export function newSecret(): string {
  return randomBytes(secretBytes).toString('base64url');
}

/** A new API key; shown once, stored as its hash. */
export function newApiKey(): string {
  return `hdl_${newSecret()}`;
}

/** SHA-256 of a secret: the only form in which it is stored. */
export function hashSecret(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Compares two hashes in a time that does not depend on where they differ. */
export function isSameHash(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

/** What of a key is shown later on, to tell keys apart: 8 characters say nothing about the other 35. */
export function keyPrefix(key: string): string {
  return key.slice(0, 12);
}
