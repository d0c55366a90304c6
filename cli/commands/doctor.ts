import type { CliConfig } from '../config.ts';
import { machineChecks } from '../doctor/machine-checks.ts';
import { serviceChecks } from '../doctor/service-checks.ts';
import type { Check, Finding } from '../doctor/finding.ts';
import { withUnpackedFfmpeg } from '../stack/video-tools.ts';

interface DoctorOptions {
  readonly config: CliConfig;
  readonly print: (text: string) => void;
}

const marks = { ok: '✓', warning: '!', problem: '✗' } as const;

/** `heddle doctor`: looks at this machine and says how to fix what is missing. Returns 1 when something must be fixed. */
export async function doctor({ config: given, print }: DoctorOptions): Promise<number> {
  const config = await withUnpackedFfmpeg(given);
  const checks: readonly Check[] = [...machineChecks, ...serviceChecks];
  const findings = await Promise.all(checks.map((check) => examine(check, config)));
  findings.forEach((finding) => print(describe(finding)));
  const problems = findings.filter((finding) => finding.state === 'problem').length;
  print('');
  print(problems === 0 ? 'Heddle can run here.' : `${problems} of ${findings.length} checks found a problem.`);
  return problems === 0 ? 0 : 1;
}

/** A check that breaks is a finding as well, not the end of the examination. */
async function examine(check: Check, config: CliConfig): Promise<Finding> {
  try {
    return await check(config);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name: check.name, state: 'problem', detail, fix: 'See the message.' };
  }
}

function describe(finding: Finding): string {
  const line = `${marks[finding.state]} ${finding.name}: ${finding.detail}`;
  return finding.state === 'ok' || finding.fix === undefined ? line : `${line}\n    -> ${finding.fix}`;
}
