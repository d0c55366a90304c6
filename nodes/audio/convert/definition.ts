import { z } from 'zod';
import { soundFormatLabels, soundFormats } from '../../../core/data-types/sound-formats.ts';
import { defineNode } from '../../../core/node-type/definition.ts';
import { soundNeeds } from '../../../core/node-type/ffmpeg-parts.ts';
import { soundFields } from '../../../core/node-type/sound-fields.ts';

const rates = ['original', '48000', '44100', '32000', '24000', '22050', '16000', '8000'] as const;

/** Writes an audio file in another format. */
export const convertAudioNode = defineNode({
  type: 'convertAudio',
  version: 1,
  title: 'Convert audio',
  description: 'Converts audio to MP3, AAC, Opus, FLAC or WAV, to mono, or to another sample rate.',
  category: 'audio',
  keywords: ['format', 'export', 'wav to mp3', 'm4a', 'ogg', 'compress', 'bitrate', 'mono', 'resample', 'encode'],
  icon: 'repeat',
  inputs: [{ id: 'audio', title: 'Audio', dataType: 'audio', required: true }],
  outputs: [{ id: 'output', title: 'Converted audio', dataType: 'audio' }],
  configSchema: z.object({
    label: z.string().max(255).optional(),
    format: z.enum(soundFormats).default('mp3').meta({ title: 'Format', control: 'select', labels: soundFormatLabels }),
    bitRate: soundFields.bitRate,
    channels: z
      .enum(['original', 'mono', 'stereo'])
      .default('original')
      .meta({
        title: 'Channels',
        control: 'select',
        labels: { original: 'As they are', mono: 'Mono', stereo: 'Stereo' },
      }),
    sampleRate: z
      .enum(rates)
      .default('original')
      .meta({
        title: 'Sample rate',
        control: 'select',
        place: 'inspector',
        description: 'Opus always uses 48,000 Hz.',
        labels: {
          original: 'Original',
          ...Object.fromEntries(rates.slice(1).map((rate) => [rate, `${Number(rate).toLocaleString('en-US')} Hz`])),
        },
      }),
  }),
  defaults: { label: 'Convert audio', format: 'mp3' },
  mainField: 'format',
  look: { height: 378 },
  needs: soundNeeds,
  costClass: () => 'cpu',
  isDeterministic: () => true,
});
