import { Check } from 'lucide-react';
import { useRef } from 'react';
import { cn } from '../ui/cn.ts';
import { ValuePreview } from '../ui/ValuePreview.tsx';
import { stepInGrid, toggled } from './question-form.ts';

interface GalleryProps {
  items: readonly unknown[];
  /** Places of what is chosen, in the order of choosing. */
  chosen: readonly number[];
  max: number;
  place: 'page' | 'node';
  onChange(chosen: readonly number[]): void;
}

/** Elements to choose from. Arrow keys lead from one to the next, Space chooses; one alone is exchanged for another. */
export function ChoiceGallery({ items, chosen, max, place, onChange }: GalleryProps) {
  const list = useRef<HTMLUListElement>(null);
  const boxes = () => [...(list.current?.querySelectorAll<HTMLButtonElement>('[role="checkbox"]') ?? [])];
  const press = (index: number) => {
    if (max === 1 && !chosen.includes(index)) return onChange([index]);
    const next = toggled(chosen, index);
    if (next.length <= max) onChange(next);
  };
  const move = (key: string, index: number) => {
    const all = boxes();
    const top = all[0]?.offsetTop;
    const columns = Math.max(1, all.filter((box) => box.offsetTop === top).length);
    const next = stepInGrid(key, index, items.length, columns);
    if (next !== null) all[next]?.focus();
    return next !== null;
  };
  return (
    <ul
      ref={list}
      aria-label="What there is to choose from"
      className={cn('grid gap-3', place === 'page' ? 'grid-cols-2 sm:grid-cols-3 lg:grid-cols-4' : 'grid-cols-2 gap-2')}
    >
      {items.map((item, index) => {
        const order = chosen.indexOf(index);
        const isChosen = order >= 0;
        return (
          // The place in the list is what is chosen.
          <li
            key={`${index} of ${items.length}`}
            className={cn('flex flex-col rounded-lg border-2 bg-surface', isChosen ? 'border-accent' : 'border-line')}
          >
            <div className="min-h-0 flex-1 overflow-hidden p-1">
              <ValuePreview value={item} title={`Element ${index + 1}`} size="small" />
            </div>
            <button
              type="button"
              role="checkbox"
              aria-checked={isChosen}
              aria-label={`Choose element ${index + 1}`}
              className={cn(
                'nodrag flex items-center justify-center gap-1.5 text-sm hover:bg-hover',
                place === 'page' ? 'h-11' : 'h-8',
                isChosen && 'font-semibold text-accent-text',
              )}
              onClick={() => press(index)}
              onKeyDown={(event) => {
                if (move(event.key, index)) event.preventDefault();
              }}
            >
              {isChosen && <Check size={15} aria-hidden />}
              {index + 1}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
