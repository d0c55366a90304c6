import { defineExecutor } from '../../../core/node-type/executor.ts';
import { Suspension } from '../../../core/node-type/suspension.ts';
import { itemsOf } from '../../../core/waits/answer.ts';
import type { Question } from '../../../core/waits/question.ts';
import { chooseNode } from './definition.ts';

/** Asks, and waits; where there is nothing to choose from nobody is asked. */
export const chooseExecutor = defineExecutor(chooseNode, async ({ config, inputs }) => {
  const { message, min, max, expiresInMs, byLink } = config;
  if (itemsOf(inputs).length === 0) return { output: [], indices: [] };
  const question: Question = { message, fields: [], buttons: [], choice: { min, max }, byLink };
  return new Suspension({ kind: 'person', dueInMs: expiresInMs ?? null, payload: question });
});
