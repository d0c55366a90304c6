import { useIsReadOnly, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import type { NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { rowOf } from '../../../core/data-types/table.ts';
import { CodeArea } from './CodeArea.tsx';
import { codeTypes } from './definition.ts';
import { ValueRows } from './ValueRows.tsx';

const types = Object.fromEntries(codeTypes.map((type) => [type, rowOf(type).title]));

/** See `codeEditor`. */
export function CodeEditor({ nodeId, place }: NodeEditorProps) {
  const { inputs, outputs, code } = useNodeData(nodeId);
  const update = useUpdateNode(nodeId);
  const isReadOnly = useIsReadOnly();
  return (
    <div className="flex flex-col gap-2">
      <ValueRows
        what="Input"
        title="Inputs"
        values={inputs}
        types={types}
        isReadOnly={isReadOnly}
        onChange={(values) => update({ inputs: values })}
      />
      <CodeArea
        value={typeof code === 'string' ? code : ''}
        rows={place === 'node' ? 8 : 20}
        isReadOnly={isReadOnly}
        onChange={(text) => update({ code: text })}
      />
      <ValueRows
        what="Output"
        title="Outputs"
        values={outputs}
        types={types}
        isReadOnly={isReadOnly}
        onChange={(values) => update({ outputs: values })}
      />
    </div>
  );
}
