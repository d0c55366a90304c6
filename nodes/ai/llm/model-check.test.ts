import { expect, test } from '@jest/globals';
import { defaultGraphLimits } from '../../../core/graph/limits.ts';
import { inspectGraph } from '../../../core/graph/validate.ts';
import { validateForRun } from '../../../core/graph/validate-for-run.ts';
import { nodeOf } from '../../../testing/graphs.ts';
import { nodeCatalogue } from '../../definitions.ts';

test('what a model cannot take is said at its node before a run, by what is connected', () => {
  const file = (name: string, type: string) => ({ file: { url: `/api/assets/${name}/content`, name, type } });
  const nodes = [
    nodeOf('sound', 'audio', file('a.mp3', 'audio/mpeg')),
    nodeOf('paper', 'file', file('a.pdf', 'application/pdf')),
    nodeOf('table', 'file', file('a.csv', 'text/csv')),
    nodeOf('film', 'video', file('a.mp4', 'video/mp4')),
    nodeOf('frames', 'extractFrames', {}),
    nodeOf('old', 'llm', { label: 'Old one', model: 'gpt-3.5-turbo', userMessage: 'What is this?' }),
    nodeOf('new', 'llm', { model: 'gemini-2.5-flash', userMessage: 'What is this?' }),
    nodeOf('own', 'llm', { model: 'own-model', userMessage: 'What is this?' }),
    nodeOf('clip', 'generateVideo', { model: 'gpt-image-1', prompt: 'a cat' }),
  ];
  const edges = ['old', 'new', 'own'].flatMap((target) => [
    ...['sound', 'paper', 'table'].map((source) => ({ source, target, targetHandle: 'files' })),
    { source: 'frames', sourceHandle: 'output', target, targetHandle: 'images' },
  ]);
  const graph = {
    nodes,
    edges: [{ source: 'film', target: 'frames' }, ...edges].map((edge, index) => ({ id: `e${index}`, ...edge })),
  };
  const { findings, structure } = inspectGraph(graph, nodeCatalogue, defaultGraphLimits);
  expect(findings).toEqual([]);
  const before = validateForRun(graph, new Set(nodes.map(({ id }) => id)), nodeCatalogue, structure!);
  expect(before.map(({ nodeIds, path, message }) => [nodeIds, path, message])).toEqual([
    ...['images, but images are', 'audio, but audio is', 'PDFs, but PDFs are'].map((what) => [
      ['old'],
      'nodes[5].data.model',
      expect.stringMatching(
        new RegExp(`^Node "Old one": The model "gpt-3.5-turbo" cannot take ${what} connected.*such as gemini`),
      ),
    ]),
    [['clip'], 'nodes[8].data.model', expect.stringContaining('makes images, and this node needs videos')],
  ]);
});
