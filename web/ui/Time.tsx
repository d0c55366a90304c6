import { useEffect, useState } from 'react';
import { formatRelative } from './format.ts';

/** A moment in words ("3 min ago"); the exact local time on hover. */
export function Time({ at, className }: { at: string; className?: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    // Half a minute: the words change by the minute.
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const date = new Date(at);
  return (
    <time
      dateTime={at}
      title={date.toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' })}
      className={className}
    >
      {formatRelative(date.getTime(), now)}
    </time>
  );
}
