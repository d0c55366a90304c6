import type { NodeTypeInfo } from '../../core/api/node-types.ts';
import { inputsInRows } from './form-fields.ts';
import { lookOf } from './look.ts';

/** Every node is as wide as this, in pixels of the canvas. */
export const nodeWidth = 264;

/** With a field or two and the room for one result. */
const standardHeight = 290;

/** The height to reckon with for a node that has not been measured: results have their room from the start, so that no run makes one grow. */
export function expectedHeight(type: string): number {
  return lookOf(type).height ?? standardHeight;
}

/** Below the header stand the names of handles, a row each; a handle is in the middle of its row. */
const headerHeight = 40;
/** Of such a row, in pixels of the canvas. */
export const rowHeight = 22;

/** How far below the top of a node the handle in that row sits. */
export function handleTop(row: number): number {
  return headerHeight + rowHeight / 2 + row * rowHeight;
}

/** About how far apart the fields of a node are, for handles beside them. */
const fieldStep = 76;

/** About how far below the top of a node an input sits, where the node itself is not drawn. */
export function inputTop(info: NodeTypeInfo, id: string | null | undefined): number {
  const rows = inputsInRows(info);
  const row = rows.findIndex((input) => input.id === id);
  if (row !== -1) return handleTop(row);
  const field = info.inputs.filter((input) => !rows.includes(input)).findIndex((input) => input.id === id);
  return field === -1 ? handleTop(0) : handleTop(Math.max(1, rows.length)) + (field + 1) * fieldStep;
}
