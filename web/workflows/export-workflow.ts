import type { WorkflowFile } from '../../core/api/workflows.ts';

/** Saves a workflow as a JSON file that can be imported, pasted or kept in version control. */
export function saveWorkflow(file: WorkflowFile): void {
  const text = JSON.stringify(file, null, 2);
  saveFile(`${file.name.replace(/[^\p{L}\p{N} _-]+/gu, '_')}.json`, new Blob([text], { type: 'application/json' }));
}

/** Hands a file to the browser's downloads. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own handle by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
