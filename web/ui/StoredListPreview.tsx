import { useState } from 'react';
import type { StoredList } from '../../core/node-type/values.ts';
import { addressOf } from './app-address.ts';
import { Button, buttonClass } from './Button.tsx';
import { cn } from './cn.ts';
import { countOf } from './format.ts';
import { ValuePreview, type PreviewSize } from './ValuePreview.tsx';
import { loadList } from './whole-list.ts';

/** A list that lies in a file: how it begins, and on request all of it. */
export function StoredListPreview({ list, title, size }: { list: StoredList; title: string; size: PreviewSize }) {
  const [whole, setWhole] = useState<readonly unknown[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isLoading, setIsLoading] = useState(false);
  const showAll = () => {
    setIsLoading(true);
    setProblem(null);
    loadList(list)
      .then(setWhole, (error: Error) => setProblem(error.message))
      .finally(() => setIsLoading(false));
  };
  return (
    <div className={cn('flex min-w-0 flex-col gap-1', size === 'fill' && 'result-box')} data-stored-list={list.length}>
      <div className={cn('flex min-w-0 flex-col', size === 'fill' && 'min-h-0 flex-1 overflow-hidden')}>
        {list.preview.length + (whole?.length ?? 0) > 0 && (
          <ValuePreview value={whole ?? list.preview} title={title} size={size} />
        )}
      </div>
      <div className="flex shrink-0 flex-wrap items-center gap-1 text-2xs text-muted">
        <span role="status" className="min-w-0 flex-1 truncate">
          {problem ??
            (whole === null && list.preview.length > 0
              ? `First ${list.preview.length} of ${countOf(list.length, 'element')}`
              : countOf(list.length, 'element'))}
        </span>
        {whole === null && (
          <Button size="sm" variant="ghost" className="nodrag" disabled={isLoading} onClick={showAll}>
            Show all
          </Button>
        )}
        <a
          href={addressOf(`${list.url}?download=1`)}
          download
          className={cn(buttonClass('ghost', 'sm'), 'nodrag')}
          aria-label={`Download ${title}`}
        >
          Download
        </a>
      </div>
    </div>
  );
}
