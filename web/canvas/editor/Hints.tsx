import { useEffect, useRef } from 'react';
import { availableModel } from '../../../core/templates/fill-template.ts';
import { useApp } from '../../api/context.ts';
import { withModel, withoutHintOfRun } from '../../graph/hints.ts';
import type { CanvasNode } from '../../graph/canvas-graph.ts';
import { useEnvironment, useShownRun } from '../environment.ts';

/** Puts hints away that were of use, and turns on what has waited for a model. Draws nothing. */
export function Hints() {
  const { store, providers, isReadOnly } = useEnvironment();
  const { notify } = useApp();
  const run = useShownRun();
  const seen = useRef<string | null>(null);
  useEffect(() => {
    if (isReadOnly || run === null) return;
    // A run that was over when the page came has put its hint away before.
    if (run.status === 'RUNNING' || run.status === 'PENDING') seen.current = run.id;
    if (run.status !== 'COMPLETED' || seen.current !== run.id) return;
    seen.current = null;
    put('Dismiss a hint', withoutHintOfRun(store.getState().nodes));
  });
  const model = providers === null ? null : availableModel(providers);
  useEffect(() => {
    if (isReadOnly || model === null) return;
    const isOn = put('Turn on the model node', withModel(store.getState().nodes, model));
    if (isOn) notify({ title: 'A model is available', description: 'The node that was waiting for one is turned on.' });
  });
  return null;

  function put(label: string, nodes: CanvasNode[] | null): boolean {
    if (nodes === null) return false;
    const { edges, selectedNodes, replaceGraph, selectNodes } = store.getState();
    const left = new Set(nodes.map(({ id }) => id));
    replaceGraph(label, { nodes, edges });
    selectNodes(selectedNodes.filter((id) => left.has(id)));
    return true;
  }
}
