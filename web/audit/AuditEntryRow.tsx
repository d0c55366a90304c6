import type { AuditEntry } from '../../core/api/audit.ts';
import { cn } from '../ui/cn.ts';
import { Time } from '../ui/Time.tsx';
import { auditCount, auditDetails, auditTitle, auditWay } from './audit-words.ts';

/** What has no name is known by its number: there to be found and copied, not to be read. */
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One line of an audit log. */
export function AuditEntryRow({ entry }: { entry: AuditEntry }) {
  const { action, actor, subject, refused, address, details, via, count } = entry;
  const about = subject === null ? null : (subject.name ?? subject.id);
  const isNumber = about === subject?.id && about !== null && uuid.test(about);
  const more = [auditDetails(details), via === null ? '' : auditWay(via), address ?? ''].filter((text) => text !== '');
  return (
    <li className="grid grid-cols-[110px_1fr_auto] items-baseline gap-x-4 border-b border-line py-2 text-sm max-sm:grid-cols-[auto_1fr]">
      <span className="text-xs text-faint max-sm:order-2">
        <Time at={entry.at} />
      </span>
      <span className="min-w-0 max-sm:order-1 max-sm:col-span-2">
        <span className={cn('font-medium', refused && 'text-danger')}>
          {auditTitle(action)}
          {refused && ': denied'}
          {auditCount(count)}
        </span>
        {about !== null && about !== actor.email && (
          <span className={cn('ml-2 break-all', isNumber && 'font-mono text-2xs text-faint')}>{about}</span>
        )}
        <span className="block text-xs break-words text-faint">{more.join(' · ')}</span>
      </span>
      <span className="text-xs break-all text-muted max-sm:order-3 max-sm:text-right">
        {actor.email ?? actor.id ?? 'not signed in'}
      </span>
    </li>
  );
}
