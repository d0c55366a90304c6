import { setImmediate } from 'node:timers/promises';
import type { ApiFinding } from '../../../core/api/common.ts';
import type { GraphFinding } from '../../../core/graph/findings.ts';
import { lookAtGiven, type GivenAsset } from '../../../core/interface/apply-inputs.ts';
import { wrongAsset } from '../../../core/interface/input-value.ts';
import type { WorkflowInput } from '../../../core/interface/inputs.ts';
import type { InWorkspace } from '../../../core/scope.ts';
import { listAssetFacts } from '../../../db/assets/list-facts.ts';
import type { Queryable } from '../../../db/statement.ts';
import { keyFindings } from '../../../engine/runs/with-inputs.ts';

type RowInputs = Readonly<Record<string, unknown>>;

/** Whoever has more wrong than this has one thing wrong a hundred times. */
const mostFindings = 100;
/** Rows until other requests have their turn. */
const rowsAtOnce = 500;

/**
 * What is wrong with the values of rows, by row and input (`rows[3].photo`, counted from 0 as in the request); the first
 * hundred. Files are looked for in one statement.
 */
export async function checkRows(
  on: Queryable,
  scope: InWorkspace,
  inputs: readonly WorkflowInput[],
  rows: readonly RowInputs[],
): Promise<ApiFinding[]> {
  const findings: ApiFinding[] = [];
  const assets: (GivenAsset & { readonly row: number })[] = [];
  for (const [row, given] of rows.entries()) {
    if (row % rowsAtOnce === rowsAtOnce - 1) await setImmediate();
    const looked = lookAtGiven(inputs, given, true);
    for (const finding of [...looked.findings, ...keyFindings(given)]) findings.push(inRow(row, finding));
    for (const asset of looked.assets) assets.push({ ...asset, row });
    if (findings.length >= mostFindings) return findings.slice(0, mostFindings);
  }
  const facts = await listAssetFacts(on, scope, [...new Set(assets.map(({ assetId }) => assetId))]);
  for (const { input, assetId, row } of assets) {
    const wrong = wrongAsset(input, facts.get(assetId) ?? null);
    if (wrong === null) continue;
    const message = `The input "${input.name}" does not fit. ${wrong}`;
    findings.push(inRow(row, { code: 'RUN_INPUT_INVALID', message, path: `inputs.${input.name}` }));
  }
  return findings.slice(0, mostFindings);
}

function inRow(
  row: number,
  { code, message, path = 'inputs' }: Pick<GraphFinding, 'code' | 'message' | 'path'>,
): ApiFinding {
  return { code, message: `Row ${row + 1}: ${message}`, path: `rows[${row}]${path.replace(/^inputs/, '')}` };
}
