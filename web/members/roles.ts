import type { UserRole } from '../../core/api/auth.ts';

/** The roles as a choice. */
export const roleOptions: { value: UserRole; label: string; hint: string }[] = [
  { value: 'owner', label: 'Owner', hint: 'Full access, including members, workers and the audit log' },
  { value: 'member', label: 'Member', hint: 'Creates and runs their own workflows' },
  { value: 'viewer', label: 'Viewer', hint: 'Can view, but not change anything' },
];
