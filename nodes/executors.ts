import type { NodeExecutor } from '../core/node-type/executor.ts';
import { audioExecutor } from './audio/executor.ts';
import { cropImageExecutor } from './crop-image/executor.ts';
import { delayExecutor } from './delay/executor.ts';
import { extractFrameExecutor } from './extract-frame/executor.ts';
import { fileExecutor } from './file/executor.ts';
import { imageExecutor } from './image/executor.ts';
import { llmExecutor } from './llm/executor.ts';
import { textExecutor } from './text/executor.ts';
import { videoExecutor } from './video/executor.ts';

/** The work of every node type; loaded by workers only. One per definition, in the same order. */
export const nodeExecutors: readonly NodeExecutor[] = [
  textExecutor,
  imageExecutor,
  videoExecutor,
  audioExecutor,
  fileExecutor,
  llmExecutor,
  cropImageExecutor,
  extractFrameExecutor,
  delayExecutor,
];
