import type { AuditEntry } from '../../core/api/audit.ts';
import { cn } from '../ui/cn.ts';
import { Time } from '../ui/Time.tsx';
import { auditCount, auditDetails, auditTitle } from './audit-words.ts';

/** One line of an audit log. */
export function AuditEntryRow({ entry }: { entry: AuditEntry }) {
  const { action, actor, subject, refused, address, details, via, count } = entry;
  const about = subject === null ? null : (subject.name ?? subject.id);
  const more = [auditDetails(details), via === null ? '' : `by ${via}`, address ?? ''].filter((text) => text !== '');
  return (
    <li className="grid grid-cols-[110px_1fr_auto] items-baseline gap-x-4 border-b border-line py-2 text-sm max-sm:grid-cols-1">
      <span className="text-xs text-faint">
        <Time at={entry.at} />
      </span>
      <span className="min-w-0">
        <span className={cn('font-medium', refused && 'text-danger')}>
          {auditTitle(action)}
          {refused && ': denied'}
          {auditCount(count)}
        </span>
        {about !== null && about !== actor.email && <span className="ml-2 break-all">{about}</span>}
        <span className="block text-xs break-words text-faint">{more.join(' · ')}</span>
      </span>
      <span className="text-xs break-all text-muted">{actor.email ?? actor.id ?? 'not signed in'}</span>
    </li>
  );
}
