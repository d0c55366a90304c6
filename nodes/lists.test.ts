import { readdir, readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { validateGraph } from '../core/graph/validate.ts';
import { defaultGraphLimits } from '../core/graph/limits.ts';
import { annotationTypes } from '../core/graph/graph.ts';
import type { AnyNodeDefinition } from '../core/node-type/definition.ts';
import { canvasCatalogue, loadCanvasDefinitions } from './canvas-definitions.ts';
import { nodeCatalogue, nodeDefinitions } from './definitions.ts';
import { nodeExecutors } from './executors.ts';

const here = new URL('./', import.meta.url);
const types = nodeDefinitions.map(({ type }) => type);

/** The folder of a type, in its family: `cropImage` lives in `image/crop`, as the family need not be said twice. */
function folderOf({ type, category }: AnyNodeDefinition): string {
  const words = type.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
  const own = words.filter((word) => word !== category && word !== `${category}s`);
  return `${category}/${(own.length > 0 ? own : words).join('-')}`;
}

async function subfoldersOf(folder: string): Promise<string[]> {
  const entries = await readdir(new URL(folder, here), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}${name}/`);
}

async function foldersWith(file: string): Promise<string[]> {
  const families = await subfoldersOf('./');
  const folders = (await Promise.all(families.map(subfoldersOf))).flat();
  const found = await Promise.all(folders.map((folder) => isFile(new URL(file, new URL(folder, here)))));
  return folders
    .filter((_folder, index) => found[index])
    .map((folder) => folder.slice('./'.length, -1))
    .toSorted();
}

async function isFile(path: URL): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}

describe('the lists of node types', () => {
  test('name every folder that has a definition, and no other', async () => {
    expect(nodeDefinitions.map(folderOf).toSorted()).toEqual(await foldersWith('definition.ts'));
  });

  test('have one executor per definition, in the same order, each in its own folder', async () => {
    expect(nodeExecutors.map(({ type }) => type)).toEqual(types);
    expect(await foldersWith('executor.ts')).toEqual(nodeDefinitions.map(folderOf).toSorted());
  });

  test('name every folder that has an editor of its own, and no other', async () => {
    const list = await readFile(new URL('editors.ts', here), 'utf8');
    const imported = [...list.matchAll(/from '\.\/([^']+)\/editor\.tsx'/g)].map((match) => match[1]);
    expect(imported.toSorted()).toEqual(await foldersWith('editor.tsx'));
    const listed = list.slice(list.indexOf('nodeEditors')).match(/\w+Editor(?=,|\])/g) ?? [];
    expect(listed).toHaveLength(imported.length);
  });

  test('have for the canvas the types with functions that it calls, and no other', async () => {
    await loadCanvasDefinitions();
    const canvasDefinitions = [...canvasCatalogue.values()];
    const called = nodeDefinitions.filter(({ migrate, handles }) => migrate !== undefined || handles !== undefined);
    const asListed = ({ type, version, migrate }: Pick<AnyNodeDefinition, 'type' | 'version' | 'migrate'>) => [
      type,
      version,
      migrate !== undefined,
    ];
    expect(canvasDefinitions.map(asListed).toSorted()).toEqual(called.map(asListed).toSorted());
    for (const { type, handles, configSchema, defaults, ...fixed } of called) {
      const { inputs, outputs } = handles?.(configSchema.parse(defaults)) ?? fixed;
      const onCanvas = canvasDefinitions.find((each) => each.type === type)?.handles({ ...defaults });
      expect([type, onCanvas]).toEqual([type, { inputs, outputs }]);
    }
  });

  test('are told of in docs/nodes.md, each in a line of its own', async () => {
    const text = await readFile(new URL('../docs/nodes.md', here), 'utf8');
    // Those of pictures say what an example shows.
    const lines = text.split('\n').filter((line) => line.startsWith('| `') && !line.includes('](images/nodes/'));
    const told = lines.map((line) => /^\| `(\w+)`/.exec(line)?.[1]);
    expect(types.filter((type) => told.filter((one) => one === type).length !== 1)).toEqual([]);
  });

  test('have, of those that work on files, texts or the world, a test that runs them', async () => {
    const texts: string[] = [];
    for (const folder of [here, new URL('../worker/', here)]) {
      const files = await readdir(folder, { recursive: true });
      const tests = files.filter((file) => file.endsWith('.test.ts') && !/docs-pictures|lists/.test(file));
      texts.push(...(await Promise.all(tests.map((file) => readFile(new URL(file, folder), 'utf8')))));
    }
    const all = texts.join('\n');
    const families = ['image', 'video', 'audio', 'text', 'ai', 'connect'];
    const working = nodeDefinitions.filter(({ category }) => families.includes(category)).map(({ type }) => type);
    expect(working.filter((type) => !all.includes(`${type}Executor`))).toEqual([]);
  });

  test('name a type once, and never as an annotation', () => {
    expect(new Set(types).size).toBe(types.length);
    expect(types.filter((type) => annotationTypes.has(type))).toEqual([]);
    expect([...nodeCatalogue.keys()]).toEqual(types);
  });
});

/** Characters of JSON that describe the config of one type; the longest today has a quarter of it. */
const maxDescribedLength = 20_000;

describe.each(nodeDefinitions.map((definition) => [definition.type, definition] as const))(
  'the node type %s',
  (type, definition) => {
    test('can be saved as it is when freshly added', () => {
      const graph = { nodes: [{ id: 'new', type, position: { x: 0, y: 0 }, data: definition.defaults }], edges: [] };
      expect(validateGraph(graph, nodeCatalogue, defaultGraphLimits)).toEqual([]);
      const config = definition.configSchema.parse(definition.defaults);
      expect(['inline', 'io', 'cpu']).toContain(definition.costClass(config));
      expect(typeof definition.isDeterministic(config)).toBe('boolean');
    });

    test('can be saved with no data at all, and ignores what only the canvas uses', () => {
      const canvasFields = { status: 'success', response: 'x', errorMessage: 'y' };
      expect(definition.configSchema.parse(canvasFields)).toEqual(definition.configSchema.parse({}));
    });

    test('has handles with names of their own and at least one output', () => {
      for (const handles of [definition.inputs, definition.outputs]) {
        const ids = handles.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(id).toMatch(/^[a-z]+(_[a-z]+)*$/);
      }
      // Those that follow from the config may be none at first.
      if (definition.handles === undefined) expect(definition.outputs.length).toBeGreaterThan(0);
    });

    test('names fields that exist where a handle stands in for one', () => {
      const fields = Object.keys(definition.configSchema.shape);
      for (const { configField } of definition.inputs)
        if (configField !== undefined) expect(fields).toContain(configField);
    });

    test('can be described to a form: every field but the label and the mark as an input has a title and a control', () => {
      const described = z.toJSONSchema(definition.configSchema, { io: 'input' });
      // Every canvas loads the descriptions of all types.
      expect(JSON.stringify(described).length).toBeLessThan(maxDescribedLength);
      const { properties } = described;
      for (const [field, hints] of Object.entries(properties ?? {})) {
        // Both have forms of their own.
        if (field === 'label' || field === 'input') continue;
        expect([field, hints]).toEqual([
          field,
          expect.objectContaining({ title: expect.any(String), control: expect.any(String) }),
        ]);
      }
    });

    test('is shown with a title, a sentence and an icon', () => {
      expect(definition.title).toMatch(/\S/);
      expect(definition.description).toMatch(/\.$/);
      expect(definition.icon).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(definition.version).toBeGreaterThanOrEqual(1);
    });
  },
);
