import { AppWindow, Workflow } from 'lucide-react';
import { Link } from 'react-router';
import { buttonClass } from '../ui/Button.tsx';

/** From a page about a workflow back to it, and to its app where it is published. */
export function WaysBack({
  workflow: { id, slug },
}: {
  workflow: { readonly id: number; readonly slug: string | null };
}) {
  return (
    <nav aria-label="Back" className="mb-3 -ml-2 flex flex-wrap gap-1">
      <Link to={`/workflows/${id}`} className={buttonClass('ghost', 'sm')}>
        <Workflow size={13} aria-hidden /> Back to the workflow
      </Link>
      {slug !== null && (
        <Link to={`/app/${slug}`} className={buttonClass('ghost', 'sm')}>
          <AppWindow size={13} aria-hidden /> Back to the app
        </Link>
      )}
    </nav>
  );
}
