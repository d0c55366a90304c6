import { z } from 'zod';
import { assetIdOf } from '../../../core/api/assets.ts';
import { dataTypes, fileTypes, rowOf, type ElementType, type FileType } from '../../../core/data-types/table.ts';
import { acceptedSchema } from '../../../core/interface/settings.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { handlesOfList, shapeOfList } from './handles.ts';
import { readItem } from './items.ts';

/** Whatever was parsed as JSON; what an item has to be follows from the type. */
const itemSchema = z.unknown().transform((value) => value as JsonValue);

/** As many as a region goes through. */
const maxItems = 10_000;

/** Whether items of a type are files, given by their addresses. */
export function isOfFiles(type: ElementType): type is FileType {
  return rowOf(type).file !== null;
}

/** No inputs; puts out its items in order. Values are typed, one a line; files are uploaded or given by their addresses. */
export const listNode = defineNode({
  type: 'list',
  version: 1,
  title: 'List',
  description: 'Several values of one type, one per line, or many files at once.',
  category: 'input',
  keywords: ['array', 'collection', 'many', 'batch', 'rows', 'files', 'images', 'photos', 'upload', 'loop'],
  icon: 'list',
  ...handlesOfList({ type: 'text' }),
  configSchema: z.object({
    label: z.string().max(255).optional(),
    type: shapeOfList.shape.type.meta({
      title: 'Type',
      control: 'select',
      labels: Object.fromEntries(dataTypes.map((type) => [type, rowOf(type).title])),
    }),
    items: z
      .array(itemSchema)
      .max(maxItems)
      .default([])
      .meta({
        title: 'Items',
        control: 'lines',
        typeField: 'type',
        addressesWhen: { field: 'type', values: fileTypes },
      }),
    input: acceptedSchema,
  }),
  defaults: { label: 'List', type: 'text', items: [] },
  mainField: 'items',
  value: { field: 'items' },
  look: { height: 256, edited: [{ when: { type: fileTypes }, height: 374 }], showsOutput: true },
  costClass: ({ type, items }) =>
    isOfFiles(type) && (items.length > 20 || !items.every(isUploaded)) ? 'io' : 'inline',
  isDeterministic: ({ type, items }) => !isOfFiles(type) || items.every(isUploaded),
  handles: handlesOfList,
  outputsAhead({ type, items }) {
    if (isOfFiles(type)) return null;
    const read = items.map((item) => readItem(type, item));
    return read.some((item) => 'message' in item)
      ? null
      : { output: { value: read.flatMap((item) => ('message' in item ? [] : [item.value])) } };
  },
  check({ type, items }) {
    for (const [index, item] of items.entries()) {
      const read = readItem(type, item);
      if ('message' in read) return [{ field: `items.${index}`, message: `Item ${index + 1}: ${read.message}` }];
    }
    return [];
  },
});

function isUploaded(item: JsonValue): boolean {
  return typeof item === 'string' && assetIdOf(item) !== null;
}
