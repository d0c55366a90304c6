import { rowOf } from '../../core/data-types/table.ts';
import type { AppServices } from '../api/context.ts';
import { queryKeys } from '../api/context.ts';
import type { EditSession } from '../canvas/session/edit-session.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { freePlace } from '../graph/free-place.ts';
import { heightToCome } from '../graph/node-height.ts';
import { nodeWidth } from '../graph/node-size.ts';
import { besideNode } from '../results/use-as-input.ts';
import type { Result } from '../results/results.ts';
import { countOf } from '../ui/format.ts';
import type { Change } from './changes.ts';

interface KeepRequest {
  readonly session: EditSession;
  readonly services: AppServices;
  readonly nodeId: string;
  /** Of the node. */
  readonly name: string;
  readonly change: Change;
  /** Of the variant, counted from 1. */
  readonly number: number;
  /** Whether its result is in the output cache. */
  readonly isCached: boolean;
}

/**
 * Puts the settings of a variant into its node, as one step back, and its result, too, where that is in the output cache:
 * the node runs, and takes it from there. Where nothing was different there is nothing to put in.
 */
export function keepVariant({ session, services, nodeId, name, change, number, isCached }: KeepRequest): void {
  const { store } = session;
  if (Object.keys(change).length === 0) {
    services.notify({
      title: 'The node has these settings already',
      description: 'Only the randomness was different.',
    });
    return;
  }
  store.getState().transact(`Keep variant ${number} of ${name}`, () => store.getState().updateNodeData(nodeId, change));
  store.getState().selectNodes([nodeId]);
  services.notify({ title: `Variant ${number} kept`, description: `Its settings are in ${name}.` });
  if (isCached) void store.getState().runFromCache([nodeId]);
  void services.queries.invalidateQueries({ queryKey: queryKeys.workflows });
}

interface ListRequest {
  readonly session: EditSession;
  readonly services: AppServices;
  readonly catalogue: Catalogue;
  readonly nodeId: string;
  readonly name: string;
  /** All of one kind count; those of another kind than the first are left out, and it is said. */
  readonly results: readonly Result[];
}

/** Makes a list node of results, right of the node that made them. */
export function makeList({ session, services, catalogue, nodeId, name, results }: ListRequest): void {
  const { store } = session;
  const [first] = results;
  if (first === undefined || !catalogue.has('list')) return;
  const type = first.kind === 'data' ? 'json' : first.kind;
  const same = results.filter(({ kind }) => kind === first.kind);
  const items = same.map(({ asset, value }) => (asset === null ? value : asset.url));
  const at = besideNode({ store, catalogue }, nodeId);
  let id = '';
  store.getState().transact(`Make a list of ${countOf(items.length, 'variant')}`, () => {
    const { nodes, addNode } = store.getState();
    const data = { label: `Variants of ${name}`.slice(0, 80), type, items };
    const wanted = { ...at, width: nodeWidth, height: heightToCome('list', data) };
    id = addNode('list', freePlace(nodes, wanted), data);
  });
  store.getState().selectNodes([id]);
  const left = results.length - same.length;
  services.notify({
    title: `A list of ${countOf(items.length, 'variant')} was added`,
    ...(left > 0 && { description: `${countOf(left, 'result')} of another type than ${rowOf(type).title} left out.` }),
  });
}
