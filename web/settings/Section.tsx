import type { ReactNode } from 'react';
import { addressOf } from '../ui/app-address.ts';

/** What leads to a box on its page: the `api-keys` of `/settings#api-keys`. */
function sectionId(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}

/** The address of a box of the settings. Never `#id` alone: the page names a base, and that would lead to its root. */
export function sectionAddress(title: string): string {
  return `${addressOf('/settings')}#${sectionId(title)}`;
}

/** A titled box on a page. */
export function Section({
  title,
  description,
  children,
}: {
  title: string;
  description?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section
      id={sectionId(title)}
      aria-label={title}
      className="scroll-mt-6 rounded-xl border border-line bg-surface p-5"
    >
      <h2 className="font-semibold">{title}</h2>
      {description !== undefined && <p className="text-xs text-muted">{description}</p>}
      <div className="mt-3">{children}</div>
    </section>
  );
}
