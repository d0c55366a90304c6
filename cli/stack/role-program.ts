import { fileURLToPath } from 'node:url';

/** The processes that a stack consists of. */
export type Role = 'server' | 'worker';

const ownUrl = new URL(import.meta.url);
/** True when this runs from the TypeScript sources, through tsx. */
const isSource = ownUrl.pathname.endsWith('.ts');
const extension = isSource ? '.ts' : '.js';

/** The arguments for Node that start a role: by path, for no folder imports another's program. */
export function roleArguments(role: Role): readonly string[] {
  return [...(isSource ? ['--import', 'tsx'] : []), fileURLToPath(new URL(`../../${role}/main${extension}`, ownUrl))];
}

/** The same, ending with the process that starts it. */
export function supervisedRoleArguments(role: Role): readonly string[] {
  const preload = new URL(`./exit-with-parent${extension}`, ownUrl).href;
  const [program, ...rest] = roleArguments(role).toReversed();
  return [...rest.toReversed(), '--import', preload, program ?? ''];
}
