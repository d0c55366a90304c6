import { memo } from 'react';
import { saveResult } from './result-actions.ts';
import { starKeyOf, type Result, type ResultGroup } from './results.ts';
import { ResultTile } from './ResultTile.tsx';

interface ResultGroupRowProps {
  readonly group: ResultGroup;
  /** Of its tiles, in pixels; null lets them fill the cells of a grid. */
  readonly height: number | null;
  readonly selectedKeys: ReadonlySet<string>;
  readonly marked: ReadonlySet<string>;
  /** The result that the Tab key leads to; null where it is not in this group. */
  readonly currentKey: string | null;
  onOpen(result: Result): void;
  onSelect(result: Result, isRange: boolean): void;
  onDrag(result: Result, data: DataTransfer): void;
  onShowNode(nodeId: string): void;
}

/** The results of one node under its name. What comes in elsewhere does not draw it again. */
export const ResultGroupRow = memo(function ResultGroupRow(props: ResultGroupRowProps) {
  const { group, height, selectedKeys, marked, currentKey, onOpen, onSelect, onDrag, onShowNode } = props;
  const { execution, name, results } = group;
  return (
    <div className="result-group">
      <button type="button" className="result-head" title={`Show ${name}`} onClick={() => onShowNode(execution.nodeId)}>
        <span className="truncate">{name}</span>
        {results.length > 1 && <span className="text-faint">{results.length}</span>}
      </button>
      <ul aria-label={`Results of ${name}`}>
        {results.map((result) => (
          <ResultTile
            key={result.key}
            result={result}
            height={height}
            isSelected={selectedKeys.has(result.key)}
            isStarred={marked.has(starKeyOf(result))}
            isCurrent={result.key === currentKey}
            onOpen={onOpen}
            onSelect={onSelect}
            onSave={saveResult}
            onDrag={onDrag}
          />
        ))}
      </ul>
    </div>
  );
});
