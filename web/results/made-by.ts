import { useQueries } from '@tanstack/react-query';
import type { Graph } from '../../core/graph/graph.ts';
import { queryKeys, useApp } from '../api/context.ts';
import type { Catalogue } from '../graph/catalogue.ts';
import { infoOf } from '../graph/catalogue.ts';
import { drawnFieldsOf, isShown, type FormField } from '../graph/form-fields.ts';
import { formatCost, formatDuration } from '../ui/format.ts';
import { isMedia } from '../ui/value-parts.ts';
import type { Result } from './results.ts';

/** One thing to know about how a result was made: a name and words. */
export type MadeByFact = readonly [name: string, words: string];

/** Longer values are cut: the node itself shows them whole. */
const mostWords = 1_200;

/** How each result was made: model, prompt and other settings as the run had them, then time, tokens and cost. */
export function useMadeBy(results: readonly Result[], catalogue: Catalogue): readonly (readonly MadeByFact[])[] {
  const { api } = useApp();
  const runIds = [...new Set(results.map(({ execution }) => execution.runId))];
  const graphs = useQueries({
    queries: runIds.map((runId) => ({
      queryKey: queryKeys.runGraph(runId),
      queryFn: () => api.getRunGraph(runId),
      staleTime: Infinity,
      retry: false,
    })),
  });
  return results.map((result) => madeBy(result, graphs[runIds.indexOf(result.execution.runId)]?.data, catalogue));
}

/** `graph` is the one of the run; undefined while it loads. */
export function madeBy(
  { execution, isGiven }: Result,
  graph: Graph | undefined,
  catalogue: Catalogue,
): readonly MadeByFact[] {
  if (isGiven) return [['Source', 'Put in by hand, not made by the run']];
  const node = graph?.nodes.find(({ id }) => id === execution.nodeId);
  const info = infoOf(catalogue, node) ?? catalogue.get(execution.nodeType);
  const inputs = execution.inputData ?? {};
  const facts: MadeByFact[] = [];
  const connected = new Set<string>();
  for (const { id, title, configField } of info?.inputs ?? []) {
    const words = wordsOf(inputs[id]);
    if (words === null) continue;
    if (configField !== undefined) connected.add(configField);
    facts.push([title, words]);
  }
  if (node !== undefined && info !== undefined) {
    const fields = drawnFieldsOf(info);
    for (const field of fields) {
      if (connected.has(field.name) || field.control === 'file' || !isShown(field, node.data, fields)) continue;
      const words = fieldWords(field, node.data[field.name] ?? field.defaultValue);
      if (words !== null) facts.push([field.title, words]);
    }
  }
  const { usage, duration, cached } = execution;
  if (usage !== null) {
    facts.push(['Tokens', `${usage.inputTokens.toLocaleString()} in, ${usage.outputTokens.toLocaleString()} out`]);
    if (typeof usage.costUsd === 'number') facts.push(['Cost', `about ${formatCost(usage.costUsd)}`]);
  }
  if (cached) facts.push(['Time', 'reused from an earlier run']);
  else if (duration !== null) facts.push(['Time', formatDuration(duration)]);
  return facts;
}

function fieldWords(field: FormField, value: unknown): string | null {
  if (typeof value === 'string') return wordsOf(field.labels[value] ?? value);
  const words = wordsOf(value);
  return words === null ? null : `${words}${field.unit === undefined ? '' : ` ${field.unit}`}`;
}

/** Null where there is nothing to say; files are seen, not told. */
function wordsOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value.length > mostWords ? `${value.slice(0, mostWords)} …` : value;
  if (typeof value === 'number') return value.toLocaleString();
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (isMedia(value)) return null;
  if (Array.isArray(value)) {
    const words = value.map(wordsOf).filter((each) => each !== null);
    return words.length === 0 ? null : words.join(', ').slice(0, mostWords);
  }
  return JSON.stringify(value).slice(0, mostWords);
}
