import { expect, test } from '@jest/globals';
import { describeNodeType } from '../../../core/node-type/describe.ts';
import { nodeDefinitions } from '../../../nodes/definitions.ts';
import { catalogueFrom } from '../../graph/catalogue.ts';
import { createWorkflowStore } from '../../store/workflow-store.ts';
import { receiveItem } from './list-items.ts';

test('files stand in the order in which they were given, behind what was there, whichever arrives first', () => {
  const catalogue = catalogueFrom(nodeDefinitions.map(describeNodeType));
  let ids = 0;
  const store = createWorkflowStore(
    {
      catalogue,
      createId: () => `id${(ids += 1)}`,
      now: () => 0,
      notify: () => undefined,
      startRun: async () => undefined,
    },
    { nodes: [], edges: [] },
  );
  const nodeId = store.getState().addNode('list', { x: 0, y: 0 });
  store.getState().updateNodeData(nodeId, { type: 'image', items: ['https://example.org/a.png'] });
  const items = () => store.getState().nodes.find(({ id }) => id === nodeId)?.data['items'];
  for (const item of [2, 0, 3, 1]) receiveItem(store, { nodeId, field: 'items', item }, `/file ${item}`);
  expect(items()).toEqual(['https://example.org/a.png', '/file 0', '/file 1', '/file 2', '/file 3']);
  receiveItem(store, { nodeId: 'gone', field: 'items', item: 4 }, '/file 4');
  expect(items()).toHaveLength(5);
});
