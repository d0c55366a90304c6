import { defineExecutor } from '../../../core/node-type/executor.ts';
import { Suspension } from '../../../core/node-type/suspension.ts';
import { outputsOfAnswer } from '../../../core/waits/answer.ts';
import type { Question } from '../../../core/waits/question.ts';
import { approveNode } from './definition.ts';

/** Asks, and waits. Where its time is over, the button for that counts as pressed, with the fields as they begin. */
export const approveExecutor = defineExecutor(approveNode, async ({ config, inputs }) => {
  const { message, fields, buttons, expiresInMs, onExpiry = '', byLink } = config;
  const question: Question = { message, fields, buttons, choice: null, byLink };
  const pressed = { action: onExpiry, values: {}, indices: [] };
  return new Suspension({
    kind: 'person',
    dueInMs: expiresInMs ?? null,
    payload: question,
    dueOutputs: expiresInMs === undefined || onExpiry === '' ? null : outputsOfAnswer(question, inputs, pressed, null),
  });
});
