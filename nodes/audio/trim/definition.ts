import { z } from 'zod';
import { defineNode } from '../../../core/node-type/definition.ts';
import { soundNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { soundFields } from '../../../core/node-type/sound-fields.ts';
import { checkTimeRange, timeRangeFields, timeRangeInputs } from '../../../core/node-type/time-range.ts';

/** Keeps a part of an audio file, to the sample. */
export const trimAudioNode = defineNode({
  type: 'trimAudio',
  version: 1,
  title: 'Trim audio',
  description: 'Keeps one part of an audio file, cut to the exact sample.',
  category: 'audio',
  keywords: ['cut', 'clip', 'shorten', 'split', 'part', 'sound', 'snippet'],
  icon: 'scissors',
  inputs: [{ id: 'audio', title: 'Audio', dataType: 'audio', required: true }, ...timeRangeInputs],
  outputs: [{ id: 'output', title: 'Trimmed audio', dataType: 'audio' }],
  configSchema: z.object({ label: z.string().max(255).optional(), ...timeRangeFields, ...soundFields }),
  defaults: { label: 'Trim audio', from: '0', to: '100%' },
  look: { height: 438 },
  needs: soundNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
  check: checkTimeRange,
});
