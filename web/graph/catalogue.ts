import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import type { DataType } from '../../core/data-types/table.ts';
import { findHandle, findOutput } from '../../core/node-type/handles.ts';
import { canvasCatalogue } from '../../nodes/canvas-definitions.ts';
import { keepTypes } from './look.ts';

/** What the canvas knows about node types, by `type`; drawn from the same shape that the server lists. */
export type Catalogue = ReadonlyMap<string, NodeTypeInfo>;

/** Keyed by `type`. How they are drawn is known to `lookOf` afterwards. */
export function catalogueFrom(types: readonly NodeTypeInfo[]): Catalogue {
  keepTypes(types);
  return new Map(types.map((info) => [info.type, info]));
}

/** A node as far as its handles follow from it. */
interface TypedNode {
  readonly type?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

const infos = new WeakMap<object, { readonly base: NodeTypeInfo; readonly info: NodeTypeInfo }>();

/** What is known about the type of a node, with the handles that this one has; the same object while its data is. */
export function infoOf(catalogue: Catalogue, node: TypedNode | undefined): NodeTypeInfo | undefined {
  const base = catalogue.get(node?.type ?? '');
  const definition = node === undefined ? undefined : canvasCatalogue.get(node.type ?? '');
  if (base === undefined || definition === undefined) return base;
  const data = node!.data;
  const known = infos.get(data);
  if (known?.base === base) return known.info;
  // While something impossible is being typed, the node has what a fresh one has.
  const { inputs, outputs } = definition.handles(data) ?? base;
  const info: NodeTypeInfo = { ...base, inputs: [...inputs], outputs: [...outputs] };
  infos.set(data, { base, info });
  return info;
}

/** The data type of a handle; null where the node type or the handle is not known. */
export function handleType(
  catalogue: Catalogue,
  node: TypedNode | undefined,
  side: 'inputs' | 'outputs',
  handleId: string | null | undefined,
): DataType | null {
  const info = infoOf(catalogue, node);
  if (info === undefined) return null;
  const handle = side === 'outputs' ? findOutput(info.outputs, handleId) : findHandle(info.inputs, handleId);
  return handle?.dataType ?? null;
}
