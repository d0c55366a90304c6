import { fileURLToPath } from 'node:url';

/** The processes that a stack consists of. */
export type Role = 'server' | 'worker';

const ownUrl = new URL(import.meta.url);
/** True when this runs from the TypeScript sources, through tsx. */
const isSource = ownUrl.pathname.endsWith('.ts');
const extension = isSource ? '.ts' : '.js';

const programs = {
  server: 'server/main',
  worker: 'worker/main',
  'sign-in-link': 'server/sign-in-link-main',
} satisfies Record<Role | 'sign-in-link', string>;

/** The arguments for Node that start a program: by path, for no folder imports another's program. */
export function programArguments(program: keyof typeof programs): readonly string[] {
  const file = fileURLToPath(new URL(`../../${programs[program]}${extension}`, ownUrl));
  return [...(isSource ? ['--import', 'tsx'] : []), file];
}

/** The same, ending with the process that starts it. */
export function supervisedRoleArguments(role: Role): readonly string[] {
  const preload = new URL(`./exit-with-parent${extension}`, ownUrl).href;
  const [program, ...rest] = programArguments(role).toReversed();
  return [...rest.toReversed(), '--import', preload, program ?? ''];
}
