import { useEffect, type ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { cn } from '../ui/cn.ts';
import { lazyPart } from '../ui/lazy-part.ts';
import { AppMenu, HomeLink } from './AppMenu.tsx';
import { OptionalPart } from './PartBoundary.tsx';

const switcher = lazyPart(() => import('../workspaces/WorkspaceSwitcher.tsx'), 'WorkspaceSwitcher');

const links = [
  ['/', 'Workflows'],
  ['/templates', 'Templates'],
  ['/settings', 'Settings'],
] as const;

/** The frame of every page but the canvas: top bar and a column of content. */
export function PageFrame({
  title,
  isWide = false,
  children,
}: {
  title: string;
  isWide?: boolean;
  children: ReactNode;
}) {
  const { pathname } = useLocation();
  useEffect(() => {
    document.title = `${title} · Heddle`;
  }, [title]);
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-surface px-2">
        <HomeLink />
        <OptionalPart name="The workspaces">
          <switcher.Component />
        </OptionalPart>
        <nav aria-label="Pages" className="ml-2 flex flex-1 gap-1 max-sm:hidden">
          {links.map(([path, label]) => (
            <Link
              key={path}
              to={path}
              aria-current={pathname === path ? 'page' : undefined}
              className="rounded-md px-2.5 py-1 text-muted hover:bg-hover hover:text-ink aria-[current]:text-ink"
            >
              {label}
            </Link>
          ))}
        </nav>
        <span className="flex-1 sm:hidden" />
        <AppMenu />
      </header>
      <main className="min-h-0 flex-1 overflow-y-auto">
        <div className={cn('mx-auto px-6 py-6 max-sm:px-4 max-sm:py-4', isWide ? 'max-w-320' : 'max-w-280')}>
          {children}
        </div>
      </main>
    </div>
  );
}
