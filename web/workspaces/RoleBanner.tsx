import { Eye, Lock } from 'lucide-react';
import type { WorkspaceRole } from '../../core/scope.ts';
import { lookingWords } from './looking-words.ts';

/** Says over a canvas why nothing of it can be changed; `role` null: it is not open to the account any more. */
export function RoleBanner({ role }: { role: WorkspaceRole | null }) {
  const Drawing = role === null ? Lock : Eye;
  return (
    <p
      role={role === null ? 'alert' : 'note'}
      className={`flex min-h-9 shrink-0 items-center gap-2 border-b border-line px-4 py-1.5 text-xs ${
        role === null ? 'bg-danger-soft text-danger' : 'bg-field text-muted'
      }`}
    >
      <Drawing size={14} className="shrink-0" aria-hidden />
      <span className="min-w-0">
        {role === null
          ? 'This workflow is no longer open to you: it was deleted, or you are no longer a member of its workspace. You are looking at how it was.'
          : lookingWords(role)}
      </span>
    </p>
  );
}
