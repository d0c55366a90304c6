import { useState } from 'react';
import { useIsReadOnly, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { rowOf } from '../../../core/data-types/table.ts';
import { CodeArea } from './CodeArea.tsx';
import { codeTypes } from './definition.ts';
import { draftValuesOf } from './named-values.ts';
import type { NamedValue } from './completions.ts';
import { ValueRows } from './ValueRows.tsx';

const types = Object.fromEntries(codeTypes.map((type) => [type, rowOf(type).title]));

const namedValuesOf = (field: unknown): readonly NamedValue[] =>
  draftValuesOf(field).map(({ name, type }) => ({ name: String(name), type: String(type) }));

/** See `codeEditor`. On the node the names and types are on demand: its handles show the names. */
export function CodeEditor({ nodeId, place }: NodeEditorProps) {
  const { inputs, outputs, code } = useNodeData(nodeId);
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  const [isWhole, setIsWhole] = useState(place === 'inspector');
  return (
    <div className="flex flex-col gap-2">
      {isWhole && (
        <ValueRows
          what="Input"
          title="Inputs"
          values={inputs}
          types={types}
          isReadOnly={isReadOnly}
          onChange={(values) => update({ inputs: values })}
        />
      )}
      <CodeArea
        value={typeof code === 'string' ? code : ''}
        rows={place === 'node' ? 6 : 20}
        isReadOnly={isReadOnly}
        inputs={namedValuesOf(inputs)}
        outputs={namedValuesOf(outputs)}
        onChange={(text) => update({ code: text })}
      />
      {isWhole && (
        <ValueRows
          what="Output"
          title="Outputs"
          values={outputs}
          types={types}
          isReadOnly={isReadOnly}
          onChange={(values) => update({ outputs: values })}
        />
      )}
      {place === 'node' && (
        <button
          type="button"
          className="nodrag h-5 self-start rounded px-1 text-2xs text-faint hover:text-ink"
          aria-expanded={isWhole}
          onClick={() => setIsWhole(!isWhole)}
        >
          {isWhole ? 'Only the code' : 'Inputs and outputs'}
        </button>
      )}
    </div>
  );
}
