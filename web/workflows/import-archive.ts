import { importedWorkflowSchema, type ImportedWorkflow } from '../../core/api/workflow-archive.ts';
import { ApiError } from '../api/api-error.ts';
import { readAnswer } from '../api/read-answer.ts';
import { addressOf } from '../ui/app-address.ts';
import { countOf } from '../ui/format.ts';
import { inWorkspace } from '../workspaces/current.ts';

/** Sends an archive to the server, which makes a workflow of it. Throws ApiError. */
export async function importArchive(file: File, { isLive }: { isLive: boolean }): Promise<ImportedWorkflow> {
  const form = new FormData();
  form.append('file', file, file.name);
  let answer;
  try {
    const response = await fetch(addressOf(inWorkspace(`/api/workflows/import?live=${isLive ? 1 : 0}`)), {
      method: 'POST',
      body: form,
      headers: { accept: 'application/json' },
      credentials: 'same-origin',
      redirect: 'manual',
    });
    const { status } = response;
    answer = { status, contentType: response.headers.get('content-type'), text: await response.text() };
  } catch {
    throw new ApiError(0, 'NETWORK', 'The upload was interrupted. Check your connection and try again.');
  }
  return readAnswer(answer, importedWorkflowSchema);
}

/** What came along with an imported workflow, in words; undefined where nothing did. */
export function importedWords({ imported, liveVersion }: ImportedWorkflow): string | undefined {
  const { versions, files, missingFiles } = imported;
  const parts = [
    ...(versions.length > 0 ? [countOf(versions.length, 'version')] : []),
    ...(files > 0 ? [countOf(files, 'file')] : []),
  ];
  const sentences = [
    ...(parts.length > 0 ? [`It brought ${parts.join(' and ')}.`] : []),
    ...(liveVersion === null ? [] : [`Version ${liveVersion} is live.`]),
    ...(missingFiles.length > 0 ? [`${countOf(missingFiles.length, 'file')} it uses did not come along.`] : []),
  ];
  return sentences.length === 0 ? undefined : sentences.join(' ');
}
