import { PanelLeftClose, PanelLeftOpen, Search, StickyNote, TriangleAlert } from 'lucide-react';
import { useMemo, useState, type Ref } from 'react';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { categoryTitles } from '../../core/node-type/definition.ts';
import { typeColor } from '../ui/type-colors.ts';
import { useEnvironment } from '../canvas/environment.ts';
import { searchTypes } from '../graph/search-types.ts';
import { IconButton } from '../ui/Button.tsx';
import { Icon } from '../ui/Icon.tsx';

/** The kind of drag data that says which node type is carried. */
export const draggedTypeKey = 'application/x-heddle-node-type';

interface PaletteProps {
  isOpen: boolean;
  onToggle(): void;
  /** Adds a node in the middle of the view. */
  onAdd(type: string): void;
  /** Gets the place below the list; none where only icons are shown. */
  foot: Ref<HTMLDivElement>;
}

/** Every node type, to be dragged onto the canvas or added by a click. */
export function Palette({ isOpen, onToggle, onAdd, foot }: PaletteProps) {
  const { catalogue } = useEnvironment();
  const [search, setSearch] = useState('');
  const groups = useMemo(() => {
    const found = new Set(searchTypes([...catalogue.values()], search, (info) => info));
    // A group keeps its place, whatever is found first.
    return Map.groupBy(
      [...catalogue.values()].filter((info) => found.has(info)),
      ({ category }) => category,
    );
  }, [catalogue, search]);

  if (!isOpen) {
    return (
      <nav
        aria-label="Nodes"
        className="flex w-11 shrink-0 flex-col items-center gap-1 overflow-y-auto border-r border-line bg-surface py-2"
      >
        <IconButton label="Show nodes" shortcut="[" onClick={onToggle}>
          <PanelLeftOpen size={16} />
        </IconButton>
        {[...catalogue.values()].map((info) => (
          <IconButton key={info.type} label={`Add ${info.title}`} onClick={() => onAdd(info.type)}>
            <Icon name={info.icon} />
          </IconButton>
        ))}
      </nav>
    );
  }
  return (
    <nav aria-label="Nodes" className="flex w-58 flex-col border-r border-line bg-surface">
      <div className="flex items-center gap-1 p-2">
        <div className="relative flex-1">
          <Search size={14} aria-hidden className="pointer-events-none absolute top-2 left-2 text-faint" />
          <input
            type="search"
            aria-label="Search nodes"
            placeholder="Search nodes"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="h-8 w-full rounded-md border border-line bg-field pr-2 pl-7 text-sm"
          />
        </div>
        <IconButton label="Hide nodes" shortcut="[" onClick={onToggle}>
          <PanelLeftClose size={16} />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {[...groups].map(([category, infos]) => (
          <section key={category} aria-label={categoryTitles[category]}>
            <h2 className="px-1 pt-2 pb-1 text-2xs font-semibold text-faint">{categoryTitles[category]}</h2>
            {infos.map((info) => (
              <PaletteItem key={info.type} info={info} onAdd={onAdd} />
            ))}
          </section>
        ))}
        {groups.size === 0 && <p className="px-1 py-4 text-xs text-faint">No matching node.</p>}
        <section aria-label="Canvas">
          <h2 className="px-1 pt-2 pb-1 text-2xs font-semibold text-faint">Canvas</h2>
          <button
            type="button"
            draggable
            onDragStart={(event) => event.dataTransfer.setData(draggedTypeKey, 'note')}
            onClick={() => onAdd('note')}
            className="flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-hover"
          >
            <StickyNote size={16} aria-hidden className="text-muted" />
            <span className="font-medium">Sticky note</span>
          </button>
        </section>
      </div>
      <div
        ref={foot}
        className="shrink-0 border-t border-line p-2 empty:hidden has-[>[hidden]]:hidden [--map-width:100%]"
      />
    </nav>
  );
}

function PaletteItem({ info, onAdd }: { info: NodeTypeInfo; onAdd(type: string): void }) {
  return (
    <button
      type="button"
      draggable
      title={info.lacks === undefined ? info.description : `${info.description} ${info.lacks}`}
      onDragStart={(event) => {
        event.dataTransfer.setData(draggedTypeKey, info.type);
        event.dataTransfer.effectAllowed = 'copy';
      }}
      onClick={() => onAdd(info.type)}
      className="flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-hover"
    >
      <span className="text-muted">
        <Icon name={info.icon} />
      </span>
      <span className="min-w-0 flex-1 truncate font-medium">{info.title}</span>
      {info.lacks !== undefined && (
        <span role="img" aria-label={info.lacks} className="text-status-running">
          <TriangleAlert size={14} aria-hidden />
        </span>
      )}
      <span aria-hidden className="flex gap-0.5">
        {info.outputs.map((handle) => (
          <span key={handle.id} className="size-2 rounded-full" style={{ background: typeColor(handle.dataType) }} />
        ))}
      </span>
    </button>
  );
}
