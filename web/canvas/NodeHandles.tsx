import { Handle, Position, useConnection } from '@xyflow/react';
import type { CSSProperties } from 'react';
import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { isConnectable, type DataType } from '../../core/node-type/values.ts';
import { handleType } from '../graph/catalogue.ts';
import { handleTop } from '../graph/node-size.ts';
import { useEnvironment } from './environment.ts';

const positionOf = (index: number): CSSProperties => ({ top: handleTop(index) });

/** The colour of a data type, as a token. */
export function typeColor(dataType: DataType): string {
  return `var(--type-${dataType})`;
}

interface Drag {
  nodeId: string;
  side: 'source' | 'target';
  dataType: DataType;
}

/** Typed, coloured handles; their names show on hover and while an edge is being drawn. */
export function NodeHandles({ nodeId, info }: { nodeId: string; info: NodeTypeInfo }) {
  const drag = useDrag();
  const fits = (side: 'source' | 'target', dataType: DataType): 'yes' | 'no' | undefined => {
    if (drag === null) return undefined;
    if (drag.side === side || drag.nodeId === nodeId) return 'no';
    const isFit =
      drag.side === 'source' ? isConnectable(drag.dataType, dataType) : isConnectable(dataType, drag.dataType);
    return isFit ? 'yes' : 'no';
  };
  return (
    <>
      {info.inputs.map((handle, index) => (
        <TypedHandle
          key={handle.id}
          side="target"
          id={handle.id}
          title={handle.title}
          dataType={handle.dataType}
          isMany={handle.many === true}
          isRequired={handle.required === true}
          style={positionOf(index)}
          fits={fits('target', handle.dataType)}
        />
      ))}
      {info.outputs.map((handle, index) => (
        <TypedHandle
          key={handle.id}
          side="source"
          id={handle.id}
          title={handle.title}
          dataType={handle.dataType}
          isMany={false}
          isRequired={false}
          style={positionOf(index)}
          fits={fits('source', handle.dataType)}
        />
      ))}
    </>
  );
}

/** The end that an edge is being drawn from; null while none is. A string selector keeps nodes still while the pointer moves. */
function useDrag(): Drag | null {
  const { catalogue } = useEnvironment();
  const key = useConnection((connection) => {
    if (!connection.inProgress) return null;
    const { nodeId, type, id } = connection.fromHandle;
    const dataType = handleType(catalogue, connection.fromNode.type, type === 'source' ? 'outputs' : 'inputs', id);
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
  const name = `${title} (${dataType}${isMany ? ', several' : ''}${isRequired ? ', needed' : ''})`;
  return (
    <Handle
      type={side}
      id={id}
      position={position}
      isConnectable={!isReadOnly}
      title={name}
      data-many={isMany}
      data-fits={fits}
      className="typed-handle"
      style={{ ...style, '--handle-color': typeColor(dataType) } as CSSProperties}
    >
      <span className="handle-name" data-side={side} data-shown={fits === 'yes'}>
        {title}
        {isRequired && <span className="text-faint"> *</span>}
      </span>
    </Handle>
  );
}
