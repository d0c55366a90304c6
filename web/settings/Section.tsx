import type { ReactNode } from 'react';

/** A titled box on a page. */
export function Section({
  title,
  description,
  children,
}: {
  title: string;
  description?: string;
  children: ReactNode;
}) {
  return (
    <section aria-label={title} className="rounded-xl border border-line bg-surface p-5">
      <h2 className="font-semibold">{title}</h2>
      {description !== undefined && <p className="text-xs text-muted">{description}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}
