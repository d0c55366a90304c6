import './global-setup.ts';

/** Stops the services of the integration tests and deletes their data. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.stopTestServices?.();
}
