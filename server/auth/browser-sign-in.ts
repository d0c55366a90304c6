import type { z } from 'zod';
import type { clientConfigSchema } from '../../core/api/config.ts';

/** What the web app needs to know about the way people sign in. */
export interface BrowserSignIn {
  /** How the web app signs people in. */
  readonly client: z.infer<typeof clientConfigSchema>['auth'];
  /** Hosts that its part of the web app loads from, as origins. */
  readonly sources: BrowserSources;
}

/** Origins besides the server's own, by what is loaded from them. */
export interface BrowserSources {
  readonly scripts: readonly string[];
  readonly connections: readonly string[];
  readonly frames: readonly string[];
}

/** Sign-in by password and link: all of it comes from this server. */
export const localSignIn: BrowserSignIn = {
  client: { mode: 'local', publishableKey: null, providers: [] },
  sources: { scripts: [], connections: [], frames: [] },
};

/** The same beside OpenID Connect providers: the browser goes to them by a link and comes back. */
export function signInBeside(providers: readonly { readonly id: string; readonly name: string }[]): BrowserSignIn {
  const client = { ...localSignIn.client, providers: providers.map(({ id, name }) => ({ id, name })) };
  return { ...localSignIn, client };
}
