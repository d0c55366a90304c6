import type { ReactNode } from 'react';

/** What a place shows while there is nothing in it, or when it could not be loaded. */
export function EmptyState({
  icon,
  title,
  children,
  actions,
}: {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-12 text-center">
      <div className="mb-1 rounded-full border border-line bg-raised p-3 text-muted">{icon}</div>
      <h2 className="text-base font-semibold">{title}</h2>
      {children !== undefined && <p className="max-w-90 text-muted">{children}</p>}
      {actions !== undefined && <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
