import { defineFileExecutor } from '../../../core/node-type/file-node.ts';
import { audioFile, audioNode } from './definition.ts';

/** Turns the upload or address into an asset. Throws NODE_DATA_INVALID where there is neither. */
export const audioExecutor = defineFileExecutor(audioNode, audioFile);
