import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isPortFree } from '../../embedded/free-port.ts';
import { localAddress } from '../stack/http-port.ts';
import { createBinaries } from '../../media/video/binaries.ts';
import { createFfmpegParts } from '../../media/video/ffmpeg-parts.ts';
import { nodeDefinitions } from '../../nodes/definitions.ts';
import { findVideoTool } from '../stack/video-tools.ts';
import type { CliConfig } from '../config.ts';
import type { Check, Finding } from './finding.ts';

/** The oldest Node that every dependency supports; package.json says the same in `engines`. */
const leastNode = [20, 19] as const;
/** A fresh database, its WAL and a log take about 200 MB. */
const leastFreeBytes = 300e6;
/** Room for some hours of videos. */
const comfortableFreeBytes = 2e9;

async function checkNode(): Promise<Finding> {
  const name = 'Node';
  const version = process.versions.node;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isEnough = major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1]);
  if (isEnough) return { name, state: 'ok', detail: version };
  const fix = `Install Node ${leastNode.join('.')} or newer from https://nodejs.org.`;
  return { name, state: 'problem', detail: `${version} is too old`, fix };
}

async function checkDisk(config: CliConfig): Promise<Finding> {
  const name = 'Disk';
  const { bavail, bsize } = await statfsOfExisting(config.dataDir);
  const free = bavail * bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free at ${config.dataDir}`;
  const fix = 'Free some space, or set DATA_DIR to a folder on a larger disk.';
  const state = free < leastFreeBytes ? 'problem' : free < comfortableFreeBytes ? 'warning' : 'ok';
  return { name, state, detail, fix };
}

/** The disk of the folder, or of the nearest one above it that exists. */
async function statfsOfExisting(folder: string): Promise<StatsFs> {
  try {
    return await statfs(folder);
  } catch (error) {
    if (folder === dirname(folder)) throw error;
    return await statfsOfExisting(dirname(folder));
  }
}

async function checkPort(config: CliConfig): Promise<Finding> {
  const name = 'Port';
  const port = config.port ?? 3_000;
  if (await isPortFree(port, config.host)) return { name, state: 'ok', detail: `${port} on ${config.host} is free` };
  const health = await fetch(new URL('/healthz', localAddress(config.host, port))).catch(() => undefined);
  const detail = `${port} on ${config.host} is in use${health?.ok ? ' by a server that responds, perhaps Heddle itself' : ''}`;
  const fix = 'Stop the program that listens there, or set PORT to another number.';
  return { name, state: config.port === null ? 'warning' : 'problem', detail, fix };
}

async function checkSharp(): Promise<Finding> {
  const name = 'Images';
  try {
    const { default: sharp } = await import('sharp');
    const pixel = { create: { width: 1, height: 1, channels: 3 as const, background: 'white' } };
    await sharp(pixel).png().toBuffer();
    return { name, state: 'ok', detail: `sharp with libvips ${sharp.versions.vips}` };
  } catch (error) {
    const detail = `sharp does not work: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
    return { name, state: 'problem', detail, fix: 'Run "npm install --include=optional" in the project folder.' };
  }
}

const checkVideo =
  (tool: 'ffmpeg' | 'ffprobe'): Check =>
  async (config) => {
    const found = await findVideoTool(config, tool);
    const install = `Install ffmpeg (Debian: apt-get install ffmpeg, or "heddle ffmpeg" without being root; macOS: brew install ffmpeg), or set ${tool.toUpperCase()}_PATH.`;
    if (found === null)
      return { name: tool, state: 'warning', detail: 'not found: videos cannot be used', fix: install };
    const detail = `${found.version} (${found.path})`;
    if (!found.isPackaged) return { name: tool, state: 'ok', detail };
    const note = 'an old build from an installer package; do not use it on videos from strangers';
    return { name: tool, state: 'warning', detail: `${detail}, ${note}`, fix: install };
  };

/** What nodes need of ffmpeg beyond its being there. */
async function checkVideoParts(config: CliConfig): Promise<Finding> {
  const name = 'ffmpeg parts';
  const types = nodeDefinitions.flatMap(({ title, needs = [] }) => needs.map((need) => ({ title, ...need })));
  const { ffmpegPath, searchPath } = config;
  const parts = createFfmpegParts(createBinaries({ ffmpegPath, searchPath }));
  const lacking = new Set(await parts.lacking([...new Set(types.map(({ part }) => part))]));
  const lost = types.filter(({ part }) => lacking.has(part));
  if (lost.length === 0) return { name, state: 'ok', detail: 'all that nodes need is there' };
  const words = [...lacking].map((part) => {
    const uses = lost.filter((need) => need.part === part).map(({ title, to }) => `${title}: ${to}`);
    return `${part.replace(':', ' ')} (${uses.join(', ')})`;
  });
  const fix =
    'Install a current ffmpeg with these parts (Debian: apt-get install ffmpeg, or "heddle ffmpeg"), or set FFMPEG_PATH to one.';
  return { name, state: 'warning', detail: `missing: ${words.join('; ')}`, fix };
}

async function checkProviders(config: CliConfig): Promise<Finding> {
  const name = 'Models';
  const configured = [config.hasGemini ? 'Gemini' : '', config.hasOpenAi ? 'OpenAI-compatible' : ''].filter(Boolean);
  if (configured.length > 0) return { name, state: 'ok', detail: `configured: ${configured.join(', ')}` };
  const fix = 'Set GEMINI_API_KEY, or OPENAI_BASE_URL for a local model server. All other nodes work without it.';
  return { name, state: 'warning', detail: 'no provider is configured: LLM nodes cannot run', fix };
}

/** What the machine itself must offer. */
export const machineChecks: readonly Check[] = [
  checkNode,
  checkDisk,
  checkPort,
  checkSharp,
  checkVideo('ffmpeg'),
  checkVideo('ffprobe'),
  checkVideoParts,
  checkProviders,
];
