import { expect, test } from '@jest/globals';
import { shownError } from './shown-error.ts';

const failed = (errorCode: string, error: string) => [
  { error: null, errorCode: null },
  { error, errorCode },
];
const ofRun = (error: string) => `Node "Ask \\"billing\\" failed: it" failed: ${error}`;

test('a visitor reads what is about a file of theirs, and of nothing else more than that a step has failed', () => {
  const video = 'The video is longer than 30 minutes. Cut it.';
  expect(shownError(ofRun(video), failed('VIDEO_TOO_LONG', video))).toBe(video);
  for (const [code, error] of [
    ['HTTP_STATUS', 'https://internal.example.com/pay?key=1 answered 403. Check it.'],
    ['BUDGET_EXCEEDED', 'The budget for today (UTC) is $50.00; $49.99 is spent. Raise it.'],
    ['LAP_FAILED', 'Lap 1: Ask billing: The video is longer than 30 minutes. Cut it.'],
  ] as const) {
    expect(shownError(ofRun(error), failed(code, error))).toMatch(/^A step of the app has failed\./);
  }
  expect(shownError(ofRun(video), [])).toMatch(/^A step of the app has failed\./);
  expect(shownError(ofRun('no'), [], 'sender')).toMatch(/^A step of the workflow has failed\./);
});

test('what is said of the run as a whole stays as it is', () => {
  expect(shownError(null, [])).toBeNull();
  expect(shownError('The run took longer than 60 minutes. Start it again.', [])).toMatch(/^The run took/);
});
