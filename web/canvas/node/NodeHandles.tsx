import { Handle, Position, useConnection } from '@xyflow/react';
import type { CSSProperties } from 'react';
import type { NodeTypeInfo } from '../../../core/api/node-types.ts';
import { isListType, type DataType } from '../../../core/data-types/table.ts';
import { isConnectable } from '../../../core/node-type/values.ts';
import { errorOutput, errorsOutput } from '../../../core/node-type/handles.ts';
import { indexEdges } from '../../graph/canvas-graph.ts';
import { handleType } from '../../graph/catalogue.ts';
import { useListPart } from '../edge/use-lists.ts';
import { typeColor } from '../../ui/type-colors.ts';
import { useEnvironment, useWorkflow } from '../environment.ts';

interface Drag {
  nodeId: string;
  side: 'source' | 'target';
  dataType: DataType;
}

/** Which handles fit the edge that is being drawn; undefined while none is. */
function useFits(nodeId: string): (side: 'source' | 'target', dataType: DataType) => 'yes' | 'no' | undefined {
  const drag = useDrag();
  return (side, dataType) => {
    if (drag === null) return undefined;
    if (drag.side === side || drag.nodeId === nodeId) return 'no';
    const isFit =
      drag.side === 'source' ? isConnectable(drag.dataType, dataType) : isConnectable(dataType, drag.dataType);
    return isFit ? 'yes' : 'no';
  };
}

interface NodeHandlesProps {
  nodeId: string;
  info: NodeTypeInfo;
  /** The inputs that stand here; the others stand beside their fields. */
  inputs: NodeTypeInfo['inputs'];
}

/** Below the header, the names of inputs and outputs in rows, each with its typed, colored handle beside it. */
export function NodeHandles({ nodeId, info, inputs }: NodeHandlesProps) {
  const fits = useFits(nodeId);
  const rows = Array.from({ length: Math.max(inputs.length, info.outputs.length) }, (_, row) => row);
  return (
    <ul className="pb-1.5">
      {rows.map((row) => {
        const [input, output] = [inputs[row], info.outputs[row]];
        return (
          <li key={row} className="relative flex h-5.5 items-center justify-between gap-3 px-3 text-2xs text-muted">
            {input !== undefined && (
              <InputHandle handle={input} style={{ top: '50%' }} fits={fits('target', input.dataType)} />
            )}
            <span className="min-w-0 truncate" title={input?.title}>
              {input?.title}
              {input?.required === true && <span className="text-faint"> *</span>}
            </span>
            <span className="min-w-0 truncate" title={output?.title}>
              {output?.title}
            </span>
            {output !== undefined && <OutputHandle nodeId={nodeId} handle={output} fits={fits} />}
          </li>
        );
      })}
    </ul>
  );
}

/** In the color of what it gives here: a list where the node is executed once per element. */
function OutputHandle({
  nodeId,
  handle: { id, title, dataType: own },
  fits,
}: {
  nodeId: string;
  handle: NodeTypeInfo['outputs'][number];
  fits: ReturnType<typeof useFits>;
}) {
  const { catalogue } = useEnvironment();
  const part = useListPart();
  const dataType = useWorkflow((state) => part?.listsOf(state, catalogue).carriedType(nodeId, id)) ?? own;
  return (
    <TypedHandle
      side="source"
      id={id}
      title={title}
      dataType={dataType}
      isMany={false}
      isRequired={false}
      style={{ top: '50%' }}
      fits={fits('source', dataType)}
    />
  );
}

/**
 * Where the error of a node leads on from, and at the first node of what goes through a list also the errors of its
 * elements. They are in nobody's way until they are wanted: hovered, selected or connected.
 */
export function ErrorHandles({ nodeId, isShown }: { nodeId: string; isShown: boolean }) {
  const { catalogue } = useEnvironment();
  const part = useListPart();
  const isFirst = useWorkflow((state) => part?.listsErrors(state, catalogue, nodeId) === true);
  const isConnected = useIsLeadingOn(nodeId, errorsOutput.id);
  return (
    <>
      {(isFirst || isConnected) && (
        <ErrorHandle
          nodeId={nodeId}
          isShown={isShown}
          handle={errorsOutput}
          title="Errors: which elements of the list failed, and why"
          bottom={34}
        />
      )}
      <ErrorHandle nodeId={nodeId} isShown={isShown} handle={errorOutput} title="Error: why the node failed" />
    </>
  );
}

function useIsLeadingOn(nodeId: string, handle: string): boolean {
  return useWorkflow((state) =>
    (indexEdges(state.edges).outgoing.get(nodeId) ?? []).some(({ sourceHandle }) => sourceHandle === handle),
  );
}

function ErrorHandle({
  nodeId,
  isShown,
  handle,
  title,
  bottom,
}: {
  nodeId: string;
  isShown: boolean;
  handle: typeof errorOutput;
  title: string;
  /** In pixels. Default: the corner. */
  bottom?: number;
}) {
  const fits = useFits(nodeId);
  const { isReadOnly } = useEnvironment();
  const isConnected = useIsLeadingOn(nodeId, handle.id);
  if (isReadOnly && !isConnected) return null;
  return (
    <div className="error-handle" data-shown={isShown || isConnected} style={{ bottom }}>
      <span aria-hidden>{handle.title}</span>
      <TypedHandle
        side="source"
        id={handle.id}
        title={title}
        dataType={handle.dataType}
        isMany={false}
        isRequired={false}
        style={{ top: '50%' }}
        fits={fits('source', handle.dataType)}
      />
    </div>
  );
}

/** The handle of an input that stands for a field, beside the name of that field; its parent is the row of the field. */
export function FieldHandle({ nodeId, handle }: { nodeId: string; handle: NodeTypeInfo['inputs'][number] }) {
  const fits = useFits(nodeId);
  return <InputHandle handle={handle} style={beside} fits={fits('target', handle.dataType)} />;
}

/** The edge of the node is 12 px beside its fields, the middle of a field's name 8 px below its top. */
const beside: CSSProperties = { left: -12, top: 8 };

function InputHandle({
  handle,
  style,
  fits,
}: {
  handle: NodeTypeInfo['inputs'][number];
  style: CSSProperties;
  fits: 'yes' | 'no' | undefined;
}) {
  return (
    <TypedHandle
      side="target"
      id={handle.id}
      title={handle.title}
      dataType={handle.dataType}
      isMany={handle.many === true}
      isRequired={handle.required === true}
      style={style}
      fits={fits}
    />
  );
}

/** The end that an edge is being drawn from; null while none is. A string selector keeps nodes still while the pointer moves. */
function useDrag(): Drag | null {
  const { catalogue } = useEnvironment();
  const key = useConnection((connection) => {
    if (!connection.inProgress) return null;
    const { nodeId, type, id } = connection.fromHandle;
    const dataType = handleType(catalogue, connection.fromNode, type === 'source' ? 'outputs' : 'inputs', id);
    return dataType === null ? null : `${type}|${dataType}|${nodeId}`;
  });
  if (key === null) return null;
  const [side, dataType, ...nodeId] = key.split('|');
  return { side: side as Drag['side'], dataType: dataType as DataType, nodeId: nodeId.join('|') };
}

interface TypedHandleProps {
  side: 'source' | 'target';
  id: string;
  title: string;
  dataType: DataType;
  isMany: boolean;
  isRequired: boolean;
  style: CSSProperties;
  fits: 'yes' | 'no' | undefined;
}

function TypedHandle({ side, id, title, dataType, isMany, isRequired, style, fits }: TypedHandleProps) {
  const { isReadOnly } = useEnvironment();
  const position = side === 'target' ? Position.Left : Position.Right;
  const name = `${title} (${dataType}${isMany ? ', accepts several' : ''}${isRequired ? ', required' : ''})`;
  return (
    <Handle
      type={side}
      id={id}
      position={position}
      isConnectable={!isReadOnly}
      title={name}
      data-many={isMany}
      data-list={isListType(dataType) || undefined}
      data-fits={fits}
      className="typed-handle"
      style={{ ...style, '--handle-color': typeColor(dataType) } as CSSProperties}
    >
      {fits === 'yes' && (
        <span className="handle-name" data-side={side}>
          {title}
        </span>
      )}
    </Handle>
  );
}
