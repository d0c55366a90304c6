import { catalogueOf, type AnyNodeDefinition } from '../core/node-type/definition.ts';
import { audioNode } from './audio/definition.ts';
import { cropImageNode } from './crop-image/definition.ts';
import { delayNode } from './delay/definition.ts';
import { extractFrameNode } from './extract-frame/definition.ts';
import { fileNode } from './file/definition.ts';
import { imageNode } from './image/definition.ts';
import { llmNode } from './llm/definition.ts';
import { textNode } from './text/definition.ts';
import { videoNode } from './video/definition.ts';

/** Every node type, in the order of the palette. One folder each; a test compares folders with this list. */
export const nodeDefinitions: readonly AnyNodeDefinition[] = [
  textNode,
  imageNode,
  videoNode,
  audioNode,
  fileNode,
  llmNode,
  cropImageNode,
  extractFrameNode,
  delayNode,
];

/** The same node types, looked up by the `type` that a saved node names. */
export const nodeCatalogue = catalogueOf(nodeDefinitions);
