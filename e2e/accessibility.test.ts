import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { nodeCard } from './canvas.ts';
import { testStack } from './stack.ts';

const stack = testStack();
let axeSource: string;
let workflowId: number;
let runId: string;
let publishedId: number;
let appRunId: string;

beforeAll(async () => {
  axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  workflowId = await stack.server.api.createWorkflow({
    nodes: [
      { id: 'a', type: 'text', position: { x: 0, y: 0 }, data: { label: 'Prompt', text: 'hello' } },
      { id: 'b', type: 'llm', position: { x: 340, y: 0 }, data: { label: 'Model', model: 'gemini-fake' } },
      { id: 'c', type: 'image', position: { x: 0, y: 260 }, data: { label: 'Picture' } },
    ],
    edges: [{ id: 'e', source: 'a', sourceHandle: 'output', target: 'b', targetHandle: 'user_message' }],
  });
  runId = await stack.server.api.start(workflowId, { mode: 'to', nodeIds: ['b'] });
  await stack.server.api.finished(runId);
  const { api } = stack.server;
  publishedId = await api.createWorkflow({
    nodes: [
      { id: 't', type: 'text', position: { x: 0, y: 0 }, data: { text: 'own', input: { name: 'topic' } } },
      { id: 'o', type: 'output', position: { x: 340, y: 0 }, data: { name: 'copy' } },
    ],
    edges: [{ id: 'e', source: 't', sourceHandle: 'output', target: 'o', targetHandle: 'value' }],
  });
  const published = await api.request('POST', `/api/workflows/${publishedId}/publish`, { slug: 'accessible' });
  expect(published.status).toBe(201);
  const draft = { nodes: [{ id: 'n', type: 'number', position: { x: 0, y: 0 }, data: { value: 1 } }], edges: [] };
  expect((await api.request('PUT', `/api/workflows/${publishedId}`, { data: draft })).status).toBe(200);
  appRunId = await api.start(publishedId);
  await api.finished(appRunId);
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What stands over the canvas, and how it comes there. */
async function openLarge(page: Page, isCompared: boolean): Promise<void> {
  const results = page.getByRole('region', { name: 'Results', exact: true });
  if (isCompared) {
    await results.getByRole('button', { name: 'Select all' }).click();
    await results.getByRole('button', { name: 'Compare', exact: true }).click();
  } else {
    await results.getByRole('button', { name: 'Open Prompt' }).click();
  }
  await page.getByRole('dialog').waitFor();
}

describe.each(['dark', 'light'] as const)('in the %s theme axe finds nothing serious', (theme) => {
  test.each([
    ['the sign-in page', () => '/sign-in'],
    ['the list', () => '/'],
    ['the canvas', () => `/workflows/${workflowId}`],
    ['a result in large', () => `/workflows/${workflowId}`, (page: Page) => openLarge(page, false)],
    ['two results compared', () => `/workflows/${workflowId}`, (page: Page) => openLarge(page, true)],
    ['the runs panel', () => `/workflows/${workflowId}?panel=runs`],
    ['an earlier run on the canvas', () => `/workflows/${workflowId}?panel=runs&run=${runId}`],
    ['a run', () => `/runs/${runId}`],
    ['two runs compared', () => `/runs/${runId}/compare/${runId}`],
    ['two versions compared', () => `/workflows/${publishedId}/compare?from=1&to=draft`],
    ['the triggers of a workflow', () => `/workflows/${workflowId}/triggers`],
    ['an app with a run', () => `/app/accessible?run=${appRunId}`],
    ['the templates', () => '/templates'],
    ['the settings', () => '/settings'],
    ['the members', () => '/members'],
    ['the audit log', () => '/audit'],
    ['an invitation', () => '/invitation#token=none'],
    ['the workers and queues', () => '/admin'],
    ['an address that leads nowhere', () => '/nowhere'],
  ] as [string, () => string, ((page: Page) => Promise<void>)?][])('on %s', async (...[, pathOf, act]) => {
    const { page, context } = await stack.open({ theme, path: pathOf() });
    await page.locator('main').first().waitFor();
    if (/^\/workflows\/\d+(?:\?|$)/.test(pathOf())) {
      await nodeCard(page, 'Model').click({ position: { x: 60, y: 16 } });
    }
    await act?.(page);
    await page.waitForLoadState('networkidle');
    await page.evaluate(axeSource);
    const violations = await page.evaluate<Violation[]>(
      `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
        violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'))`,
    );
    await context.close();
    expect(violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map(({ html }) => html.slice(0, 160))])).toEqual(
      [],
    );
  });
});
