import { cn } from '../../../web/ui/cn.ts';
import type { Completion } from './completions.ts';

interface CompletionListProps {
  readonly id: string;
  readonly words: readonly Completion[];
  /** Index of the one that Enter takes. */
  readonly chosen: number;
  /** Its top in pixels, and its left in letters of the code; it does not lead out of the area. */
  readonly at: { readonly top: number; readonly letters: number };
  onTake(word: Completion): void;
}

/** Words that may stand at the caret; the focus stays in the code. */
export function CompletionList({ id, words, chosen, at, onTake }: CompletionListProps) {
  return (
    <ul
      id={id}
      role="listbox"
      aria-label="Completions"
      className="nodrag nowheel absolute z-20 min-w-40 rounded-md border border-line bg-surface py-1 font-mono text-xs shadow-lg"
      style={{ top: at.top, left: `min(${at.letters}ch, calc(100% - 10rem))` }}
    >
      {words.map((each, index) => (
        <li
          key={each.word}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === chosen}
          className={cn('flex cursor-pointer justify-between gap-3 px-2 leading-5', index === chosen && 'bg-hover')}
          onPointerDown={(event) => {
            // The code keeps the focus.
            event.preventDefault();
            onTake(each);
          }}
        >
          <span className="text-ink">{each.word}</span>
          <span className="text-2xs text-muted">{each.hint}</span>
        </li>
      ))}
    </ul>
  );
}
