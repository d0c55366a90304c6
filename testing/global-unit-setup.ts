import { bundleChildren } from './bundle-children.ts';

/** Makes what unit tests start as processes of their own. */
export default async function globalUnitSetup(): Promise<void> {
  await bundleChildren();
}
