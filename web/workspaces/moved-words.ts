import type { MovedWorkflow } from '../../core/api/workspaces.ts';

const counted = (count: number, one: string) => (count === 0 ? [] : [`${count} ${count === 1 ? one : `${one}s`}`]);

/** What came along with a workflow and what has to be there before it runs; empty where it was alone. */
export function movedWords({ moved, stays }: MovedWorkflow): string {
  const along = [
    ...counted(moved.files, 'file'),
    ...counted(moved.triggers, 'trigger'),
    ...counted(moved.links, 'link'),
    ...counted(moved.callbacks, 'callback'),
    ...counted(moved.budgets, 'budget'),
  ];
  const lines = [
    ...(along.length === 0 ? [] : [`Moved with it: ${along.join(', ')}.`]),
    ...(stays.runs === 0 ? [] : [`${counted(stays.runs, 'run').join('')} stayed.`]),
    ...(stays.secrets.length === 0 ? [] : [`Save these secrets there before it runs: ${stays.secrets.join(', ')}.`]),
  ];
  if (moved.links > 0) lines.push('Whoever has a link to its app can go on using it; runs count there now.');
  return lines.join(' ');
}
