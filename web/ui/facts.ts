import type { AssetReference } from '../../core/node-type/values.ts';
import { formatBytes, formatDuration } from './format.ts';

/** What there is to know about a file at a glance: "640 × 480 · 2.4 s · 1.2 MB". */
export function factsOf(asset: AssetReference): string {
  return [
    asset.width !== undefined && asset.height !== undefined ? `${asset.width} × ${asset.height}` : null,
    asset.durationMs === undefined ? null : formatDuration(asset.durationMs),
    asset.channels === undefined ? null : channelsInWords(asset.channels),
    asset.sampleRate === undefined ? null : `${asset.sampleRate / 1_000} kHz`,
    formatBytes(asset.bytes),
  ]
    .filter(Boolean)
    .join(' · ');
}

function channelsInWords(channels: number): string {
  return channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`;
}
