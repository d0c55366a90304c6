import { Eye } from 'lucide-react';
import type { WorkspaceRole } from '../../core/scope.ts';
import { lookingWords } from './looking-words.ts';

/** Says over a canvas why nothing of it can be changed. */
export function RoleBanner({ role }: { role: WorkspaceRole }) {
  return (
    <p
      role="note"
      className="flex min-h-9 shrink-0 items-center gap-2 border-b border-line bg-field px-4 py-1.5 text-xs text-muted"
    >
      <Eye size={14} className="shrink-0" aria-hidden />
      <span className="min-w-0">{lookingWords(role)}</span>
    </p>
  );
}
