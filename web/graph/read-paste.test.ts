import { describe, expect, test } from '@jest/globals';
import { parseImport } from './import.ts';
import { readPaste, type PasteSource } from './read-paste.ts';

const limits = { maxNodes: 5, maxEdges: 5, maxTextBytes: 1_024, maxGraphBytes: 4_096 };
const types = new Set(['text', 'image', 'delay']);

const read = (source: Partial<PasteSource<string>>) =>
  readPaste({ files: [], text: '', html: null, ...source }, { types, limits });
const readText = (text: string) => read({ text });

const node = (id: string, type = 'text') => ({ id, type, position: { x: 0, y: 0 }, data: {} });
const copied = (nodes: unknown[], edges: unknown[] = []) => JSON.stringify({ heddle: 'nodes', nodes, edges });

const comfy = { last_node_id: 2, nodes: [{ id: 1, type: 'KSampler', pos: [0, 0] }], links: [[1, 1, 0, 2, 0, 'MODEL']] };
const comfyApi = { 3: { class_type: 'KSampler', inputs: {} }, 4: { class_type: 'VAEDecode', inputs: {} } };
const n8n = {
  nodes: [
    { parameters: {}, id: 'a', name: 'HTTP', type: 'n8n-nodes-base.httpRequest', typeVersion: 4, position: [0, 0] },
  ],
  connections: {},
};
const nodeRed = [{ id: 'a', type: 'inject', z: 'b', wires: [[]] }];
const flowise = { nodes: [{ id: 'a', type: 'customNode', position: { x: 0, y: 0 }, data: {} }], edges: [] };

describe('C14: pasted nodes', () => {
  test('that share an id each get their own, and edges mean the first', () => {
    const edge = { id: 'e', source: 'd', target: 'x', sourceHandle: 'output', targetHandle: 'input' };
    const pasted = readText(
      copied([node('d'), node('d', 'image'), node('d', 'delay'), node('x', 'delay')], [edge, edge]),
    );
    expect(pasted).toMatchObject({ kind: 'nodes', leftOut: null });
    const { fragment } = pasted as Extract<typeof pasted, { kind: 'nodes' }>;
    expect(new Set(fragment.nodes.map(({ id }) => id)).size).toBe(4);
    expect(fragment.nodes.find(({ id }) => id === 'd')?.type).toBe('text');
    expect(fragment.edges.every(({ source }) => source === 'd')).toBe(true);
  });

  test('of types that are not here are left out with a word, and so are their edges', () => {
    const edge = { id: 'e', source: 'a', target: 'b' };
    const pasted = readText(copied([node('a'), node('b', 'upscale')], [edge]));
    expect(pasted).toMatchObject({ kind: 'nodes', leftOut: expect.stringContaining('“upscale”') });
    expect(pasted).toMatchObject({ fragment: { nodes: [{ id: 'a' }], edges: [] } });
    expect(readText(copied([node('a', 'upscale')]))).toMatchObject({
      kind: 'refused',
      words: expect.stringContaining('no node type “upscale”'),
    });
  });

  test('come as copied nodes, an export, an answer of the API or a bare graph', () => {
    const graph = { nodes: [node('a')], edges: [] };
    for (const value of [{ heddle: 'workflow', name: 'x', ...graph }, graph, { id: 5, name: 'x', data: graph }]) {
      expect(readText(JSON.stringify(value, null, 2))).toMatchObject({ kind: 'nodes' });
    }
  });

  test('that are too many, cut off, or wrong inside are refused in words', () => {
    const many = Array.from({ length: 6 }, (_, index) => node(`n${index}`));
    expect(readText(copied(many))).toMatchObject({ kind: 'refused', words: expect.stringContaining('6 nodes') });
    expect(readText(copied([node('a')]).slice(0, -2))).toMatchObject({ words: expect.stringContaining('incomplete') });
    expect(readText(copied([{ ...node('a'), position: { x: 'left', y: 0 } }]))).toMatchObject({
      words: expect.stringContaining('nodes.0.position.x'),
    });
    expect(readText(copied([{ ...node('a'), data: { text: 'x'.repeat(20_000) } }]))).toMatchObject({
      words: expect.stringContaining('than a workflow can hold'),
    });
  });
});

describe('C16: on the clipboard', () => {
  test.each([
    ['ComfyUI', comfy],
    ['ComfyUI', comfyApi],
    ['n8n', n8n],
    ['Node-RED', nodeRed],
    ['Flowise', flowise],
  ])('a workflow of %s is named', (program, value) => {
    expect(readText(JSON.stringify(value))).toMatchObject({ kind: 'refused', words: expect.stringContaining(program) });
    expect(() => parseImport(JSON.stringify(value))).toThrow(program);
  });

  test('nodes of a program that nobody knows are told by their types', () => {
    const value = { nodes: [node('a', 'frobnicate')], edges: [] };
    expect(readText(JSON.stringify(value))).toMatchObject({ words: expect.stringContaining('another program') });
  });

  test.each([
    ['https://example.org/cat.jpg', 'image'],
    ['https://example.org/CAT.JPEG?width=100#top', 'image'],
    ['  <https://example.org/cat.webp>\n', 'image'],
    ['https://example.org/render?file=cat.png', 'image'],
    ['https://images.example.org/photo-1?fm=jpg&w=200', 'image'],
    ['https://example.org/clip.mp4', 'video'],
    ['data:image/png;base64,iVBORw0KGgo=', 'image'],
  ])('an address is a picture or a video: %s', (text, kind) => {
    expect(readText(text)).toMatchObject({ kind: 'media', media: [{ kind }] });
  });

  test('several addresses are several', () => {
    const text = '# cats\nhttps://example.org/a.png\r\nhttps://example.org/b.mp4\n';
    expect(readText(text)).toMatchObject({ kind: 'media', media: [{ kind: 'image' }, { kind: 'video' }] });
  });

  test.each([
    'plain words',
    'two\r\nlines',
    'see https://example.org/cat.jpg for a cat',
    'https://example.org/article',
    'ftp://example.org/cat.jpg',
    '{"a":1}',
    '{ not JSON',
    '[1, 2]',
    '12',
    '{"nodes":[]}',
  ])('words are a text: %s', (text) => {
    expect(readText(text)).toEqual({ kind: 'text', text: text.replace('\r\n', '\n') });
  });

  test('a text that no node can hold is refused in words', () => {
    expect(readText('ü'.repeat(600))).toMatchObject({ kind: 'refused', words: expect.stringContaining('KiB') });
  });

  test('files come first, unless a table or a text only has its picture beside it', () => {
    const files = ['a.png'];
    expect(read({ files })).toMatchObject({ kind: 'files' });
    expect(read({ files, text: 'a.png' })).toMatchObject({ kind: 'files' });
    const media = [{ kind: 'image' as const, url: 'https://example.org/x' }];
    expect(read({ files, html: { text: '', media } })).toMatchObject({ kind: 'files' });
    expect(read({ files, text: 'A\tB', html: { text: 'A B', media: [] } })).toEqual({ kind: 'text', text: 'A\tB' });
  });

  test('HTML alone is its picture, else its words', () => {
    const media = [
      { kind: 'image' as const, url: 'https://example.org/no-ending' },
      { kind: 'image' as const, url: 'cid:part1' },
    ];
    expect(read({ html: { text: '', media } })).toEqual({ kind: 'media', media: media.slice(0, 1) });
    expect(read({ html: { text: 'words', media } })).toEqual({ kind: 'text', text: 'words' });
    expect(read({ html: { text: ' ', media: [] } })).toEqual({ kind: 'nothing' });
  });
});
