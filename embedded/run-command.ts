import { spawn, type SpawnOptions } from 'node:child_process';

/** How a command ended, with all that it printed. */
export interface CommandResult {
  /** The exit code; null when a signal or the time limit ended the command. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** User and group to run as; only root may set them. */
  readonly uid?: number;
  readonly gid?: number;
  /** Milliseconds after which the command is killed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Runs a command to its end and returns what it printed. Never rejects for an
 * exit code; rejects when the command could not be started at all.
 */
export function runCommand(file: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const spawnOptions: SpawnOptions = {
      env: options.env,
      cwd: options.cwd,
      uid: options.uid,
      gid: options.gid,
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
      signal: options.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    };
    const child = spawn(file, args, spawnOptions);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
