import {
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleSlash,
  CircleX,
  History,
  Hourglass,
  LoaderCircle,
  ShieldCheck,
  SkipForward,
  Timer,
  type LucideIcon,
} from 'lucide-react';
import { cn } from './cn.ts';

interface Look {
  label: string;
  icon: LucideIcon;
  color: string;
  isSpinning?: boolean;
}

/** Each status has its own icon, so that color is never the only sign. */
const looks: Readonly<Record<string, Look>> = {
  idle: { label: 'Idle', icon: CircleDashed, color: 'text-status-idle' },
  'not-ready': { label: 'Waiting for inputs', icon: Hourglass, color: 'text-status-queued' },
  queued: { label: 'Queued', icon: CircleDot, color: 'text-status-queued' },
  pending: { label: 'Pending', icon: CircleDot, color: 'text-status-queued' },
  running: { label: 'Running', icon: LoaderCircle, color: 'text-status-running', isSpinning: true },
  waiting: { label: 'Waiting', icon: Timer, color: 'text-status-waiting' },
  completed: { label: 'Completed', icon: CircleCheck, color: 'text-status-completed' },
  cached: { label: 'Reused', icon: History, color: 'text-status-cached' },
  failed: { label: 'Failed', icon: CircleX, color: 'text-status-failed' },
  skipped: { label: 'Skipped', icon: SkipForward, color: 'text-status-skipped' },
  untaken: { label: 'Branch not taken', icon: CircleDashed, color: 'text-status-skipped' },
  handled: { label: 'Failed, handled', icon: ShieldCheck, color: 'text-status-failed' },
  cancelled: { label: 'Canceled', icon: CircleSlash, color: 'text-status-cancelled' },
};

const unknown: Look = looks['idle']!;

/** In words; upper and lower case are the same. */
export function statusLabel(status: string): string {
  return (looks[status.toLowerCase()] ?? unknown).label;
}

/** The icon of a node or run status; upper and lower case are the same. */
export function StatusIcon({ status, size = 16 }: { status: string; size?: number }) {
  const look = looks[status.toLowerCase()] ?? unknown;
  return (
    <look.icon
      size={size}
      role="img"
      aria-label={look.label}
      className={cn(look.color, 'shrink-0', look.isSpinning === true && 'animate-spin')}
    />
  );
}

/** Icon and word. */
export function StatusBadge({ status }: { status: string }) {
  const look = looks[status.toLowerCase()] ?? unknown;
  return (
    <span className={cn('inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap', look.color)}>
      <look.icon size={14} aria-hidden className={cn('shrink-0', look.isSpinning === true && 'animate-spin')} />
      {look.label}
    </span>
  );
}
