import { Cable } from 'lucide-react';
import { useState } from 'react';
import type { NodeData } from '../../graph/canvas-graph.ts';
import { drawnFieldsOf, isShown, type FormField } from '../../graph/form-fields.ts';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { infoOf } from '../../graph/catalogue.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';
import { FieldControl } from './FieldControl.tsx';
import { FieldHandle } from './NodeHandles.tsx';
import { useConnectedHandles } from './use-node.ts';

interface NodeFormProps {
  nodeId: string;
  type: string;
  data: NodeData;
  place: 'node' | 'inspector';
}

/**
 * The fields of a node. A hand-made editor comes first; the inspector draws
 * the rest from the schema, the node itself only where there is no editor,
 * with its details behind a button.
 */
export function NodeForm({ nodeId, type, data, place }: NodeFormProps) {
  const { catalogue, editors, isReadOnly } = useEnvironment();
  const connected = useConnectedHandles(nodeId);
  const unfoldNode = useWorkflow((state) => state.unfoldNode);
  const [isWhole, setIsWhole] = useState(place === 'inspector');
  const info = infoOf(catalogue, { type, data });
  if (info === undefined) return null;
  const known = editors.get(type);
  const isPlace = known?.place === undefined || known.place === place;
  const editor = isPlace && known?.isFor?.(data) !== false ? known : undefined;
  const fields = drawnFieldsOf(info);
  const above = editor?.below ?? [];
  const drawn = fields.filter((field) => {
    const isHere = place === 'inspector' ? editor?.fields.includes(field.name) !== true : editor === undefined;
    return isHere && !above.includes(field.name) && isShown(field, data, fields);
  });
  const hasMore = place === 'node' && drawn.some(({ isInspectorOnly }) => isInspectorOnly);
  const draw = (field: FormField) => (
    <DrawnField
      key={field.name}
      nodeId={nodeId}
      field={field}
      data={data}
      info={info}
      connected={connected}
      place={place}
    />
  );
  return (
    <>
      {fields.filter(({ name }) => above.includes(name)).map(draw)}
      {editor !== undefined && <editor.Editor nodeId={nodeId} place={place} />}
      {drawn.filter(({ isInspectorOnly }) => isWhole || !isInspectorOnly).map(draw)}
      {hasMore && (
        <button
          type="button"
          className="nodrag h-5 self-start rounded px-1 text-2xs text-faint hover:text-ink"
          aria-expanded={isWhole}
          onClick={() => {
            // A look makes no room: that would be a change for everybody.
            if (!isWhole && !isReadOnly) unfoldNode(nodeId);
            setIsWhole(!isWhole);
          }}
        >
          {isWhole ? 'Fewer settings' : 'More settings'}
        </button>
      )}
    </>
  );
}

interface DrawnFieldProps {
  nodeId: string;
  field: FormField;
  data: NodeData;
  info: NodeTypeInfo;
  connected: ReadonlySet<string>;
  place: 'node' | 'inspector';
}

function DrawnField({ nodeId, field, data, info, connected, place }: DrawnFieldProps) {
  const { isReadOnly } = useEnvironment();
  const updateNodeData = useWorkflow((state) => state.updateNodeData);
  const handle = info.inputs.find(({ configField }) => configField === field.name);
  const dot = place === 'node' && !field.isInspectorOnly && handle !== undefined && (
    <FieldHandle nodeId={nodeId} handle={handle} />
  );
  if (handle !== undefined && connected.has(handle.id)) {
    return (
      <p className="relative flex items-center gap-1.5 rounded-md border border-dashed border-line-strong px-2 py-1.5 text-xs text-muted">
        {dot}
        <Cable size={13} aria-hidden /> {field.title} comes from the connection
      </p>
    );
  }
  const control = (
    <FieldControl
      field={field}
      value={data[field.name] ?? field.defaultValue}
      nodeId={nodeId}
      place={place}
      disabled={isReadOnly}
      onChange={(value) => updateNodeData(nodeId, { [field.name]: value })}
    />
  );
  if (dot === false) return control;
  return (
    <div className="relative">
      {dot}
      {control}
    </div>
  );
}
