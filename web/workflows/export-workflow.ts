import { toGraph, type CanvasEdge, type CanvasNode } from '../graph/canvas-graph.ts';

/** Saves a workflow as a JSON file that can be imported, pasted or kept in version control. */
export function exportWorkflow(name: string, nodes: readonly CanvasNode[], edges: readonly CanvasEdge[]): void {
  const text = JSON.stringify({ heddle: 'workflow', name, ...toGraph(nodes, edges) }, null, 2);
  saveFile(`${name.replace(/[^\p{L}\p{N} _-]+/gu, '_')}.json`, new Blob([text], { type: 'application/json' }));
}

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own handle by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
