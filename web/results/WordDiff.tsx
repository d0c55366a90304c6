import { diffWordsWithSpace } from 'diff';
import { useMemo } from 'react';
import { countOf } from '../ui/format.ts';

/** How many changes are looked for before two texts count as different altogether. */
const mostChanges = 4_000;

/** A text with what was added and what was removed since another one. */
export function WordDiff({ before, after }: { readonly before: string; readonly after: string }) {
  const parts = useMemo(
    () =>
      diffWordsWithSpace(before, after, { maxEditLength: mostChanges }) ?? [
        { value: before, removed: true, added: false },
        { value: after, removed: false, added: true },
      ],
    [before, after],
  );
  const wordsIn = (text: string) => text.split(/\s+/).filter((word) => word !== '').length;
  const added = parts.reduce((sum, part) => sum + (part.added ? wordsIn(part.value) : 0), 0);
  const removed = parts.reduce((sum, part) => sum + (part.removed ? wordsIn(part.value) : 0), 0);
  return (
    <div role="region" aria-label="Word changes" tabIndex={0} className="stage-words min-h-0 flex-1">
      <p className="mb-4 text-xs text-muted" role="status">
        {added + removed === 0
          ? 'The same words'
          : `${countOf(removed, 'word')} removed, ${countOf(added, 'word')} added from A to B`}
      </p>
      {parts.map((part, index) =>
        part.added ? (
          <ins key={index} className="words-added">
            {part.value}
          </ins>
        ) : part.removed ? (
          <del key={index} className="words-removed">
            {part.value}
          </del>
        ) : (
          <span key={index}>{part.value}</span>
        ),
      )}
    </div>
  );
}
