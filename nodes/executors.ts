import type { NodeExecutor } from '../core/node-type/executor.ts';
import { comfyExecutor } from './ai/comfy/executor.ts';
import { generateImageExecutor } from './ai/generate-image/executor.ts';
import { generateVideoExecutor } from './ai/generate-video/executor.ts';
import { llmExecutor } from './ai/llm/executor.ts';
import { speakExecutor } from './ai/speak/executor.ts';
import { transcribeExecutor } from './ai/transcribe/executor.ts';
import { adjustAudioExecutor } from './audio/adjust/executor.ts';
import { convertAudioExecutor } from './audio/convert/executor.ts';
import { joinAudioExecutor } from './audio/join/executor.ts';
import { trimAudioExecutor } from './audio/trim/executor.ts';
import { collectExecutor } from './flow/collect/executor.ts';
import { codeExecutor } from './connect/code/executor.ts';
import { httpExecutor } from './connect/http/executor.ts';
import { saveExecutor } from './connect/save/executor.ts';
import { approveExecutor } from './flow/approve/executor.ts';
import { callWorkflowExecutor } from './flow/call-workflow/executor.ts';
import { chooseExecutor } from './flow/choose/executor.ts';
import { delayExecutor } from './flow/delay/executor.ts';
import { ifExecutor } from './flow/if/executor.ts';
import { repeatExecutor } from './flow/repeat/executor.ts';
import { untilExecutor } from './flow/until/executor.ts';
import { mergeExecutor } from './flow/merge/executor.ts';
import { pickExecutor } from './flow/pick/executor.ts';
import { switchExecutor } from './flow/switch/executor.ts';
import { adjustImageExecutor } from './image/adjust/executor.ts';
import { compareImagesExecutor } from './image/compare/executor.ts';
import { composeImagesExecutor } from './image/compose/executor.ts';
import { convertImageExecutor } from './image/convert/executor.ts';
import { outputExecutor } from './flow/output/executor.ts';
import { cropImageExecutor } from './image/crop/executor.ts';
import { drawTextExecutor } from './image/draw-text/executor.ts';
import { gridImagesExecutor } from './image/grid/executor.ts';
import { imageInfoExecutor } from './image/info/executor.ts';
import { resizeImageExecutor } from './image/resize/executor.ts';
import { rotateImageExecutor } from './image/rotate/executor.ts';
import { splitGridExecutor } from './image/split-grid/executor.ts';
import { audioExecutor } from './input/audio/executor.ts';
import { booleanExecutor } from './input/boolean/executor.ts';
import { choiceExecutor } from './input/choice/executor.ts';
import { fileExecutor } from './input/file/executor.ts';
import { imageExecutor } from './input/image/executor.ts';
import { jsonExecutor } from './input/json/executor.ts';
import { listExecutor } from './input/list/executor.ts';
import { numberExecutor } from './input/number/executor.ts';
import { textExecutor } from './input/text/executor.ts';
import { videoExecutor } from './input/video/executor.ts';
import { extractJsonExecutor } from './text/extract-json/executor.ts';
import { joinTextExecutor } from './text/join/executor.ts';
import { replaceTextExecutor } from './text/replace/executor.ts';
import { splitTextExecutor } from './text/split/executor.ts';
import { templateExecutor } from './text/template/executor.ts';
import { addAudioExecutor } from './video/add-audio/executor.ts';
import { animateExecutor } from './video/animate/executor.ts';
import { extractAudioExecutor } from './video/extract-audio/executor.ts';
import { extractFrameExecutor } from './video/extract-frame/executor.ts';
import { extractFramesExecutor } from './video/extract-frames/executor.ts';
import { videoFromImagesExecutor } from './video/from-images/executor.ts';
import { videoInfoExecutor } from './video/info/executor.ts';
import { joinVideosExecutor } from './video/join/executor.ts';
import { overlayVideoExecutor } from './video/overlay/executor.ts';
import { resizeVideoExecutor } from './video/resize/executor.ts';
import { speedVideoExecutor } from './video/speed/executor.ts';
import { subtitleVideoExecutor } from './video/subtitle/executor.ts';
import { trimVideoExecutor } from './video/trim/executor.ts';

/** The work of every node type; loaded by workers only. One per definition, in the same order. */
export const nodeExecutors: readonly NodeExecutor[] = [
  textExecutor,
  numberExecutor,
  booleanExecutor,
  choiceExecutor,
  jsonExecutor,
  imageExecutor,
  videoExecutor,
  audioExecutor,
  fileExecutor,
  listExecutor,
  templateExecutor,
  joinTextExecutor,
  splitTextExecutor,
  replaceTextExecutor,
  extractJsonExecutor,
  llmExecutor,
  generateImageExecutor,
  generateVideoExecutor,
  speakExecutor,
  transcribeExecutor,
  comfyExecutor,
  cropImageExecutor,
  resizeImageExecutor,
  rotateImageExecutor,
  adjustImageExecutor,
  convertImageExecutor,
  composeImagesExecutor,
  drawTextExecutor,
  compareImagesExecutor,
  imageInfoExecutor,
  gridImagesExecutor,
  splitGridExecutor,
  extractFrameExecutor,
  extractFramesExecutor,
  ifExecutor,
  switchExecutor,
  mergeExecutor,
  repeatExecutor,
  untilExecutor,
  pickExecutor,
  collectExecutor,
  videoInfoExecutor,
  extractAudioExecutor,
  trimVideoExecutor,
  resizeVideoExecutor,
  joinVideosExecutor,
  overlayVideoExecutor,
  subtitleVideoExecutor,
  trimAudioExecutor,
  convertAudioExecutor,
  adjustAudioExecutor,
  speedVideoExecutor,
  addAudioExecutor,
  videoFromImagesExecutor,
  animateExecutor,
  joinAudioExecutor,
  httpExecutor,
  codeExecutor,
  saveExecutor,
  delayExecutor,
  approveExecutor,
  callWorkflowExecutor,
  chooseExecutor,
  outputExecutor,
];
