import { Columns2, CornerUpLeft, Download, Share2, Star, X } from 'lucide-react';
import { fileTypes, rowOf } from '../../core/data-types/table.ts';
import { useApp } from '../api/context.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';
import { canShare, shareResults } from './result-actions.ts';
import { starKeyOf, type Result } from './results.ts';
import type { Picks, ResultFilter } from './use-picks.ts';

/** What can be done with results; `use` is null where no node can be added. */
export interface ResultActions {
  star(results: readonly Result[]): void;
  save(results: readonly Result[]): void;
  readonly use: ((results: readonly Result[]) => void) | null;
}

interface ResultToolsProps {
  readonly picks: Picks;
  readonly marked: ReadonlySet<string>;
  readonly actions: ResultActions;
  readonly isPacking: boolean;
  onCompare(results: readonly Result[]): void;
}

/** So many can be told apart beside each other. */
const mostCompared = 6;

/** What can be done with the selected results; where none is, which kinds are shown. */
export function ResultTools({ picks, marked, actions, isPacking, onCompare }: ResultToolsProps) {
  const { selected } = picks;
  if (selected.length === 0) return <Filters picks={picks} />;
  const areStarred = selected.every((result) => marked.has(starKeyOf(result)));
  const { use } = actions;
  return (
    <div role="toolbar" aria-label="Selected results" className="flex flex-wrap items-center gap-1">
      <span className="px-1 text-xs text-muted" role="status">
        {selected.length} selected
      </span>
      {selected.length > 1 && selected.length <= mostCompared && (
        <Button size="sm" onClick={() => onCompare(selected)}>
          <Columns2 size={13} aria-hidden /> Compare
        </Button>
      )}
      <Button size="sm" disabled={isPacking} onClick={() => actions.save(selected)}>
        <Download size={13} aria-hidden /> {isPacking ? 'Preparing …' : 'Download'}
      </Button>
      {use !== null && (
        <Button size="sm" onClick={() => use(selected)}>
          <CornerUpLeft size={13} aria-hidden /> Use as input
        </Button>
      )}
      <ShareButton results={selected} />
      <IconButton
        label={areStarred ? 'Remove star' : 'Star'}
        size="sm"
        isPressed={areStarred}
        onClick={() => actions.star(selected)}
      >
        <Star size={14} fill={areStarred ? 'currentColor' : 'none'} />
      </IconButton>
      <IconButton label="Clear selection" size="sm" onClick={picks.clear}>
        <X size={14} />
      </IconButton>
    </div>
  );
}

/** Hands results on to another app, where the browser can. */
export function ShareButton({ results }: { readonly results: readonly Result[] }) {
  const { notify } = useApp();
  if (!canShare()) return null;
  return (
    <IconButton
      label="Share"
      size="sm"
      onClick={() => {
        shareResults(results).catch((error: Error) =>
          notify({ title: 'Not shared', description: error.message, kind: 'error' }),
        );
      }}
    >
      <Share2 size={14} />
    </IconButton>
  );
}

const others: readonly (readonly [ResultFilter, string, string])[] = [
  ['text', 'type', 'Texts'],
  ['data', 'braces', 'Data'],
];
const files = fileTypes.map((type) => {
  const { icon, plural } = rowOf(type);
  return [type, icon, plural.charAt(0).toUpperCase() + plural.slice(1)] as const;
});

/** One button for each kind that there is, where there are several. */
function Filters({ picks: { filter, setFilter, counts, selectAll } }: { picks: Picks }) {
  const kinds = [...files, ...others].filter(([kind]) => counts.has(kind));
  const starred = counts.get('starred') ?? 0;
  const all = counts.get('all') ?? 0;
  if (all === 0) return null;
  const show = (kind: ResultFilter) => setFilter(filter === kind ? 'all' : kind);
  return (
    <div role="toolbar" aria-label="Which results" className="flex items-center gap-0.5">
      {kinds.length > 1 &&
        kinds.map(([kind, icon, label]) => (
          <Button
            key={kind}
            size="sm"
            variant="ghost"
            aria-pressed={filter === kind}
            aria-label={`${label} only, ${counts.get(kind)}`}
            className={filter === kind ? 'bg-hover text-ink' : ''}
            onClick={() => show(kind)}
          >
            <Icon name={icon} size={13} /> {counts.get(kind)}
          </Button>
        ))}
      {starred > 0 && (
        <Button
          size="sm"
          variant="ghost"
          aria-pressed={filter === 'starred'}
          aria-label={`Starred only, ${starred}`}
          className={filter === 'starred' ? 'bg-hover text-ink' : ''}
          onClick={() => show('starred')}
        >
          <Star size={13} aria-hidden /> {starred}
        </Button>
      )}
      <Button size="sm" variant="ghost" onClick={selectAll}>
        Select all
      </Button>
    </div>
  );
}
