import { TerminalError } from '../../../core/errors/app-error.ts';
import { workflowNotFound } from '../../http/not-found.ts';

/** What is said to an account that was made a viewer meanwhile. */
export function barred(): TerminalError {
  return new TerminalError(
    'SCOPE_MISSING',
    'Your account may look at things but not change them. Ask an owner for another role.',
  );
}

/** Why something new of a workflow was not stored. `most`: how many of `what` one may have. */
export function notStored(
  why: 'full' | 'barred' | 'missing',
  { workflowId, what, most }: { workflowId: number; what: 'triggers' | 'callbacks' | 'links'; most: number },
): TerminalError {
  switch (why) {
    case 'full':
      return new TerminalError('TRIGGER_LIMIT', `You have ${most} ${what}, the most there may be. Delete one first.`);
    case 'barred':
      return barred();
    case 'missing':
      return workflowNotFound(workflowId);
  }
}
