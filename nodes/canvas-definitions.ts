import { catalogueOf, type AnyNodeDefinition } from '../core/node-type/definition.ts';
import { collectNode } from './flow/collect/definition.ts';
import { switchNode } from './flow/switch/definition.ts';
import { listNode } from './input/list/definition.ts';
import { templateNode } from './text/template/definition.ts';

/**
 * The node types with functions that the canvas calls: what an earlier version has saved is migrated there, and
 * handles follow from what is typed. All else
 * the server tells it, so that the first page does not grow with every node type. A test compares this with the definitions.
 */
export const canvasDefinitions: readonly AnyNodeDefinition[] = [listNode, templateNode, switchNode, collectNode];

/** The same, looked up by `type`. */
export const canvasCatalogue = catalogueOf(canvasDefinitions);
