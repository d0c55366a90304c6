import { useQuery } from '@tanstack/react-query';
import { UserCheck } from 'lucide-react';
import { Link } from 'react-router';
import { queryKeys, useApp, useMe } from '../api/context.ts';

/** Between two looks while somebody sees the page; a question waits for hours. */
const lookEveryMs = 15_000;

/** The way to what runs ask their people, with how many of it there are; nothing where nobody is asked. */
export function WaitingLink() {
  const { api } = useApp();
  const { data: me } = useMe();
  const { data: open = 0 } = useQuery({
    queryKey: [...queryKeys.waits, 'open'],
    queryFn: () => api.countOpenWaits(),
    refetchInterval: lookEveryMs,
    refetchOnWindowFocus: true,
    enabled: me !== undefined,
    retry: false,
  });
  if (open === 0) return null;
  const label = open === 1 ? '1 run waits for you' : `${open} runs wait for you`;
  return (
    <Link
      to="/waiting"
      aria-label={label}
      title={label}
      className="flex h-8 items-center gap-1 rounded-md px-2 text-status-waiting hover:bg-hover"
    >
      <UserCheck size={16} aria-hidden />
      <span aria-hidden className="text-xs font-semibold">
        {open >= 1_000 ? '999+' : open}
      </span>
    </Link>
  );
}
