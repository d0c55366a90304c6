import { CloudOff, RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Connection } from '../../live/run-store.ts';
import { Tooltip } from '../../ui/Tooltip.tsx';

const hints: Readonly<Partial<Record<Connection, { icon: ReactNode; text: string; words: string }>>> = {
  requests: {
    icon: <RefreshCw size={13} aria-hidden />,
    text: 'Polling',
    words:
      'There is no live connection, so this page polls every second and text appears only when complete. A proxy in front of the server may be blocking /socket.io.',
  },
  offline: {
    icon: <CloudOff size={13} aria-hidden />,
    text: 'Offline',
    words: 'The server cannot be reached. You are seeing the last known state; Heddle keeps trying to reconnect.',
  },
};

/** Says where the states on the page come from, where that is not a live connection. */
export function ConnectionHint({ connection }: { connection: Connection }) {
  const hint = hints[connection];
  if (hint === undefined) return null;
  return (
    <Tooltip
      text={hint.words}
      render={
        <span role="status" tabIndex={0} className="flex items-center gap-1 text-xs whitespace-nowrap text-faint">
          {hint.icon}
          <span className="max-lg:sr-only">{hint.text}</span>
        </span>
      }
    />
  );
}
