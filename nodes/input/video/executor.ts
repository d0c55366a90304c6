import { defineFileExecutor } from '../../../core/node-type/file-node.ts';
import { videoFile, videoNode } from './definition.ts';

/** Turns the upload or address into an asset. Throws NODE_DATA_INVALID where there is neither. */
export const videoExecutor = defineFileExecutor(videoNode, videoFile);
