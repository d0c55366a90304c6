import { useReactFlow } from '@xyflow/react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { rowOf, type DataType } from '../../../core/data-types/table.ts';
import { fittingTypes } from '../../graph/connection-rules.ts';
import { besideBox } from '../../graph/free-place.ts';
import { newNodeData } from '../../graph/new-node-data.ts';
import { nodeWidth } from '../../graph/node-size.ts';
import { searchTypes } from '../../graph/search-types.ts';
import { cn } from '../../ui/cn.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { useAddNear } from './use-add-near.ts';

/** Where the list of node types opens, and what the chosen node is connected to. */
export interface QuickAddRequest {
  /** Client coordinates; the node is added there. */
  readonly screen: { x: number; y: number };
  /** Right there, whatever it covers: somebody pointed at it. Else near it, where there is room. */
  readonly isExact: boolean;
  /** The loose end of an edge that the new node is connected to; null for a plain add. */
  readonly from: { nodeId: string; handleId: string; side: 'source' | 'target'; dataType: DataType } | null;
}

/** Size of the menu, to keep it inside the window. */
const menuSize = { width: 264, height: 320 };

function showChoice(choice: HTMLLIElement | null): void {
  choice?.scrollIntoView({ block: 'nearest' });
}

/** A searchable list of node types at the pointer; for a dangling edge only those that fit. */
export function QuickAdd({ request, onClose }: { request: QuickAddRequest | null; onClose(): void }) {
  if (request === null) return null;
  return <QuickAddMenu key={`${request.screen.x},${request.screen.y}`} request={request} onClose={onClose} />;
}

function QuickAddMenu({ request, onClose }: { request: QuickAddRequest; onClose(): void }) {
  const { store, catalogue, providers } = useEnvironment();
  const flow = useReactFlow();
  const transact = useWorkflow((state) => state.transact);
  const addNode = useWorkflow((state) => state.addNode);
  const onConnect = useWorkflow((state) => state.onConnect);
  const addNear = useAddNear();
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const menu = useRef<HTMLDivElement>(null);

  const choices = useMemo(() => {
    const all =
      request.from === null
        ? [...catalogue.values()].map((info) => ({ info, handleId: '' }))
        : fittingTypes(catalogue, request.from);
    return searchTypes(all, search, ({ info }) => info);
  }, [catalogue, request, search]);

  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && menu.current?.contains(event.target) !== true) onClose();
    };
    window.addEventListener('pointerdown', onPointerDown, true);
    return () => window.removeEventListener('pointerdown', onPointerDown, true);
  }, [onClose]);

  const choose = (choice: (typeof choices)[number] | undefined) => {
    if (choice === undefined) return;
    onClose();
    if (!request.isExact) {
      addNear(choice.info.type, request.screen);
      return;
    }
    const at = flow.screenToFlowPosition(request.screen);
    const { from } = request;
    // A node added behind an edge lies so that its handle meets the pointer.
    const shift = from === null ? { x: -132, y: -20 } : { x: from.side === 'source' ? 0 : -nodeWidth, y: -58 };
    const x = at.x + shift.x;
    const origin = from === null ? undefined : flow.getInternalNode(from.nodeId);
    const left =
      from === null || origin === undefined
        ? x
        : besideBox({ x: origin.internals.positionAbsolute.x, width: origin.measured.width ?? nodeWidth }, from.side, {
            x,
            width: nodeWidth,
          });
    const data = newNodeData(choice.info, { nodes: store.getState().nodes, providers });
    transact(`Add ${choice.info.title}`, () => {
      const id = addNode(choice.info.type, { x: left, y: at.y + shift.y }, data);
      if (from === null) return;
      onConnect(
        from.side === 'source'
          ? { source: from.nodeId, sourceHandle: from.handleId, target: id, targetHandle: choice.handleId }
          : { source: id, sourceHandle: choice.handleId, target: from.nodeId, targetHandle: from.handleId },
      );
    });
  };

  const left = Math.min(request.screen.x, window.innerWidth - menuSize.width - 8);
  const top = Math.min(request.screen.y, window.innerHeight - menuSize.height - 8);
  return (
    <div
      ref={menu}
      role="dialog"
      aria-label="Add a node"
      style={{ left, top, width: menuSize.width, maxHeight: menuSize.height }}
      className="popup fade-in fixed z-40 flex flex-col overflow-hidden rounded-lg border border-line bg-raised shadow-popup"
    >
      <input
        autoFocus
        role="combobox"
        aria-label="Search node types"
        aria-expanded="true"
        aria-controls="quick-add-list"
        aria-activedescendant={choices[active] === undefined ? undefined : `quick-add-${choices[active].info.type}`}
        placeholder={request.from === null ? 'Add a node …' : `Continue with ${rowOf(request.from.dataType).named} …`}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Escape') onClose();
          else if (event.key === 'Enter') choose(choices[active]);
          else if (event.key === 'ArrowDown') setActive((index) => Math.min(choices.length - 1, index + 1));
          else if (event.key === 'ArrowUp') setActive((index) => Math.max(0, index - 1));
          else return;
          event.preventDefault();
        }}
        className="h-10 shrink-0 border-b border-line bg-transparent px-3 text-sm outline-none"
      />
      <ul id="quick-add-list" role="listbox" aria-label="Node types" className="overflow-y-auto p-1">
        {choices.map((choice, index) => (
          <li
            key={choice.info.type}
            id={`quick-add-${choice.info.type}`}
            role="option"
            aria-selected={index === active}
            ref={index === active ? showChoice : undefined}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(choice)}
            className={cn('flex items-start gap-2.5 rounded-md px-2 py-1.5', index === active && 'bg-hover')}
          >
            <span className="mt-0.5 text-muted">
              <Icon name={choice.info.icon} />
            </span>
            <span className="min-w-0">
              <span className="block font-medium">{choice.info.title}</span>
              <span className="block truncate text-2xs text-faint">{choice.info.description}</span>
            </span>
          </li>
        ))}
        {choices.length === 0 && <li className="px-2 py-3 text-center text-xs text-faint">No compatible node type.</li>}
      </ul>
    </div>
  );
}
