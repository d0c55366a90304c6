import type { CliConfig } from './config.ts';
import type { RunningStack } from './stack/embedded-stack.ts';
import type { VideoTool } from './stack/video-tools.ts';

/** What the person at the terminal sees when everything runs. */
export function formatBanner(config: CliConfig, stack: RunningStack, ffmpeg: VideoTool | null): string {
  const video =
    ffmpeg === null
      ? 'no ffmpeg: video nodes cannot run; see "npx heddle doctor"'
      : `ffmpeg ${ffmpeg.version} (${ffmpeg.path})${ffmpeg.isPackaged ? ', an old build: use it for your own videos only' : ''}`;
  const models = [
    config.hasGemini ? 'Gemini' : 'Gemini needs GEMINI_API_KEY',
    config.hasOpenAi ? 'OpenAI-compatible server' : 'a local model server needs OPENAI_BASE_URL',
  ].join(', ');
  const rows: readonly (readonly [string, string])[] = [
    ['Open', stack.url],
    ['Sign in', stack.signInUrl ?? `${stack.url}/sign-in`],
    [
      '',
      stack.signInUrl === null ? 'with your email address and password' : 'the link works once and expires in an hour',
    ],
    ['Database', stack.database],
    ['Queue', stack.queue],
    ['Video', video],
    ['Models', models],
    ['Log', stack.logFile],
    ['Stop', 'Ctrl-C (finishes running work first)'],
  ];
  return box('Heddle is running', rows);
}

/** A frame around the title and the rows; links stay in one piece, however wide the box gets. */
function box(title: string, rows: readonly (readonly [string, string])[]): string {
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const lines = ['', title, '', ...rows.map(([name, text]) => `${name.padEnd(nameWidth)}  ${text}`), ''];
  const width = Math.max(...lines.map((line) => line.length)) + 4;
  const edge = '─'.repeat(width);
  return [`┌${edge}┐`, ...lines.map((line) => `│  ${line.padEnd(width - 2)}│`), `└${edge}┘`].join('\n');
}
