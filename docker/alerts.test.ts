import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (...path: readonly string[]) => readFileSync(join(root, ...path), 'utf8');
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

const alerts = read('docker', 'prometheus', 'alerts.yml');
const operations = read('docs', 'operations.md');
/** Where figures are made. */
const sources = ['server/metrics.ts', 'worker/metrics.ts', 'boot/metrics.ts'].map((path) => read(path)).join('\n');

describe('the alert rules', () => {
  const names = all(alerts, /alert: (\w+)/g);

  test('are each explained in the operations guide, in the same order', () => {
    expect(names.length).toBeGreaterThanOrEqual(10);
    expect(all(operations, /^### (Heddle\w+)$/gm)).toEqual(names);
  });

  test('each name the part of the guide that is about them', () => {
    expect(all(alerts, /operations\.md#(\w+)/g)).toEqual(names.map((name) => name.toLowerCase()));
  });

  test('look at figures that there are, and so do the guide and the dashboard', () => {
    const made = new Set(all(sources, /name: '(heddle_\w+)'/g));
    const dashboard = read('docker', 'grafana', 'dashboards', 'heddle.json');
    const used = [alerts, operations, dashboard].flatMap((text) => all(text, /\b(heddle_[a-z_]+)\b/g));
    expect(used.length).toBeGreaterThan(20);
    const unknown = used.filter((name) => !made.has(name.replace(/_(?:bucket|count|sum)$/, '')));
    expect(unknown).toEqual([]);
    // What is measured is explained.
    expect([...made].filter((name) => !operations.includes(`\`${name}`))).toEqual([]);
  });
});
