import { useQuery, type QueryClient } from '@tanstack/react-query';
import { createContext, use } from 'react';
import type { AccessTokenSource } from '../auth/access-token.ts';
import type { Notify } from '../ui/notify.ts';
import type { ApiClient } from './client.ts';

/** What every page may use. */
export interface AppServices {
  readonly api: ApiClient;
  readonly queries: QueryClient;
  readonly notify: Notify;
  readonly createId: () => string;
  readonly accessToken: AccessTokenSource;
  /** What is to be done before the account is left: unsaved work is sent. */
  readonly beforeSignOut: Set<() => Promise<void>>;
}

/** Null outside the app; read it with `useApp`. */
export const AppContext = createContext<AppServices | null>(null);

/** Throws outside the app. */
export function useApp(): AppServices {
  const services = use(AppContext);
  if (services === null) throw new Error('The page is not inside the app.');
  return services;
}

/** Cache keys, so that what one place changes another one notices. */
export const queryKeys = {
  me: ['me'] as const,
  config: ['config'] as const,
  workflows: ['workflows'] as const,
  workflow: (id: number) => ['workflow', id] as const,
  runs: (workflowId: number) => ['runs', workflowId] as const,
  run: (id: string) => ['run', id] as const,
  runGraph: (id: string) => ['run-graph', id] as const,
  models: ['models'] as const,
  nodeTypes: ['node-types'] as const,
  keys: ['keys'] as const,
  providerKeys: ['provider-keys'] as const,
  secrets: ['secrets'] as const,
  usage: ['usage'] as const,
  files: ['files'] as const,
  sessions: ['sessions'] as const,
  members: ['members'] as const,
  invitations: ['invitations'] as const,
  audit: ['audit'] as const,
  workers: ['workers'] as const,
  queues: ['queues'] as const,
  waits: ['waits'] as const,
  workspaces: ['workspaces'] as const,
  workspaceMembers: (id: string) => ['workspace-members', id] as const,
};

/** The signed-in account. Read once; stays fresh until its key in `queryKeys` is invalidated. */
export function useMe() {
  const { api } = useApp();
  return useQuery({ queryKey: queryKeys.me, queryFn: () => api.me(), staleTime: Infinity });
}

/** What the server tells before anyone signs in. Read once; stays fresh. */
export function useConfig() {
  const { api } = useApp();
  return useQuery({ queryKey: queryKeys.config, queryFn: () => api.config(), staleTime: Infinity });
}

/** Providers and their models. Keys are set on the server, so a minute is fresh enough. */
export function useProviders() {
  const { api } = useApp();
  return useQuery({ queryKey: queryKeys.models, queryFn: () => api.listModels(), staleTime: 60_000 });
}

/** Whether keys of one's own can be kept on this installation, and which there are. */
export function useProviderKeys() {
  const { api } = useApp();
  return useQuery({ queryKey: queryKeys.providerKeys, queryFn: () => api.listProviderKeys(), staleTime: 60_000 });
}
