import { useQuery } from '@tanstack/react-query';
import { LogOut, MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import { queryKeys, useApp, useConfig } from '../api/context.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { ConfirmDialog } from '../ui/Dialog.tsx';
import { Time } from '../ui/Time.tsx';
import { browserName } from './browser-name.ts';
import { Section } from './Section.tsx';

/** Where the person is signed in; nothing where an identity provider keeps the sessions. */
export function Sessions() {
  const { api, queries, notify } = useApp();
  const { data: config } = useConfig();
  const isOwnAccount = config?.auth.mode === 'local';
  const sessions = useQuery({
    queryKey: queryKeys.sessions,
    queryFn: () => api.listSessions(),
    enabled: isOwnAccount,
  });
  const [isAsking, setIsAsking] = useState(false);
  if (!isOwnAccount) return null;
  const refresh = () => void queries.invalidateQueries({ queryKey: queryKeys.sessions });
  const fail = (error: Error) => notify({ title: 'Not signed out', description: error.message, kind: 'error' });
  return (
    <Section title="Sessions" description="Where you are signed in.">
      <ul aria-label="Sessions" className="flex flex-col">
        {sessions.data?.map((session) => (
          <li key={session.id} className="flex items-center gap-3 border-b border-line py-2">
            <MonitorSmartphone size={15} aria-hidden className="text-muted" />
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">
                {browserName(session.userAgent)}
                {session.current && (
                  <span className="ml-2 rounded-full border border-line px-2 py-px text-2xs text-muted">
                    this session
                  </span>
                )}
              </span>
              <span className="block text-xs text-faint">
                {session.address ?? 'unknown IP address'} · last active <Time at={session.lastUsedAt} /> · since{' '}
                <Time at={session.createdAt} />
              </span>
            </span>
            {!session.current && (
              <IconButton
                label={`Sign out ${browserName(session.userAgent)}`}
                onClick={() => api.endSession(session.id).then(refresh, fail)}
              >
                <LogOut size={15} />
              </IconButton>
            )}
          </li>
        ))}
        {sessions.isPending && <li className="skeleton h-10" />}
        {sessions.error !== null && <li className="text-danger">{sessions.error.message}</li>}
      </ul>
      <div className="mt-3 flex justify-end">
        <Button disabled={(sessions.data?.length ?? 0) < 2} onClick={() => setIsAsking(true)}>
          Sign out all other sessions
        </Button>
      </div>
      <ConfirmDialog
        open={isAsking}
        title="Sign out all other sessions?"
        description="All other browsers will have to sign in again. API keys keep working."
        confirmLabel="Sign out"
        onClose={() => setIsAsking(false)}
        onConfirm={() => api.signOutEverywhere().then(refresh, fail)}
      />
    </Section>
  );
}
