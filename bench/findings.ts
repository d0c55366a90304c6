import { mkdir, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, platform } from 'node:os';
import { dirname } from 'node:path';
import { drawPlot, type Plot } from './plot.ts';

/** One figure that a measurement came to. */
export interface Finding {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is held against; without one it is only told. */
  readonly target?: { readonly kind: 'at least' | 'at most'; readonly value: number };
  /** The figure of each turn, in order. */
  readonly turns: readonly number[];
}

export interface Conclusion {
  readonly scenario: string;
  readonly findings: readonly Finding[];
  readonly plot: Plot;
  /** Where to write JSON and the picture, if anywhere. */
  readonly json: string | undefined;
  readonly svg: string | undefined;
}

function holds({ value, target }: Finding): boolean {
  if (target === undefined) return true;
  return target.kind === 'at least' ? value >= target.value : value <= target.value;
}

/** Prints what was found and writes it where asked; the program ends with 1 where a target is missed. */
export async function conclude({ scenario, findings, plot, json, svg }: Conclusion): Promise<void> {
  for (const finding of findings) {
    const { name, value, unit, target } = finding;
    const verdict = target === undefined ? '      ' : holds(finding) ? 'ok    ' : 'MISSED';
    const against = target === undefined ? '' : `   (${target.kind} ${target.value})`;
    console.log(`${verdict} ${name.padEnd(52)} ${short(value).padStart(9)} ${unit}${against}`);
  }
  if (findings.some((finding) => !holds(finding))) process.exitCode = 1;
  if (json !== undefined) {
    const machine = { node: process.version, platform: platform(), arch: arch(), processors: availableParallelism() };
    await write(json, `${JSON.stringify({ scenario, machine, findings }, null, 2)}\n`);
  }
  if (svg !== undefined) await write(svg, drawPlot(plot));
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Three digits that say something. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toString();
  return value.toPrecision(3);
}
