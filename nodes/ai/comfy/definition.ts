import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { secretField, urlField } from '../../../core/node-type/schema-fields.ts';
import { comfyResults, handlesOfComfy, namedOutputsSchema, readComfyGraph, shapeOfComfy } from './handles.ts';

/** A graph that a ComfyUI server runs; see docs/nodes.md. */
export const comfyNode = defineNode({
  type: 'comfy',
  version: 1,
  title: 'ComfyUI',
  description: 'Runs a graph on a ComfyUI server and takes what it makes.',
  category: 'ai',
  keywords: ['stable diffusion', 'flux', 'wan', 'sdxl', 'lora', 'controlnet', 'local', 'gpu', 'workflow'],
  icon: 'wand',
  ...handlesOfComfy(shapeOfComfy.parse({})),
  handles: handlesOfComfy,
  configSchema: z.object({
    label: z.string().max(255).optional(),
    server: urlField({ title: 'Server', placeholder: 'http://192.168.1.20:8188' }),
    graph: z.string().max(500_000).default('').meta({
      title: 'Graph',
      control: 'textarea',
      placeholder: '{ "3": { "class_type": "KSampler", "inputs": { "seed": "{{seed}}" } } }',
      description: 'From "Export (API)" of ComfyUI. Each "{{name}}" in it becomes an input; a file is uploaded.',
    }),
    result: z
      .enum(comfyResults)
      .default('image')
      .meta({ title: 'Result', control: 'select', labels: { image: 'Images', video: 'Videos', audio: 'Audio' } }),
    outputNode: z.string().max(100).default('').meta({
      title: 'Node with the result',
      control: 'text',
      placeholder: '9',
      description: 'Its number in the graph. Empty: all nodes.',
      place: 'inspector',
    }),
    named: namedOutputsSchema.meta({
      title: 'Results by name',
      control: 'lines',
      placeholder: 'depth = 12',
      description:
        'A name and the number of a node, one on a line. Each becomes an output; add video or audio for another kind.',
      place: 'inspector',
    }),
    others: z.string().max(8_000).default('').meta({
      title: 'More servers',
      control: 'textarea',
      placeholder: 'http://192.168.1.21:8188',
      description: 'One address per line. The one with the shortest queue is taken.',
      place: 'inspector',
    }),
    secret: secretField({
      title: 'Bearer token',
      description: 'For servers behind a proxy that asks for one. Saved under Settings, Your secrets.',
      place: 'inspector',
    }),
  }),
  defaults: { label: 'ComfyUI', server: '', graph: '' },
  mainField: 'graph',
  look: { height: 678 },
  costClass: () => 'io',
  // A seed may be drawn by the server, and its models change.
  isDeterministic: () => false,
  check: ({ server, graph }) => [
    ...(server.trim() === '' ? [{ field: 'server', message: 'There is no server yet. Enter its address.' }] : []),
    ...(graph.trim() === ''
      ? [{ field: 'graph', message: 'There is no graph yet. Paste one that was exported for the API.' }]
      : readComfyGraph(graph) === null
        ? [{ field: 'graph', message: 'This is not a graph in API format. In ComfyUI, use "Export (API)".' }]
        : []),
  ],
});
