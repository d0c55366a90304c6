/** Programs whose workflows people try to paste or import, told by the shape of their files. */
const programs: readonly { readonly name: string; isOf(value: Json): boolean }[] = [
  {
    name: 'n8n',
    isOf: ({ nodes, connections }) =>
      isObject(connections) || some(nodes, (node) => 'typeVersion' in node && 'parameters' in node),
  },
  {
    name: 'ComfyUI',
    isOf: (value) =>
      ('links' in value && some(value['nodes'], (node) => typeof node['id'] === 'number')) ||
      // As its API takes it: nodes by number.
      every(value, (node) => typeof node['class_type'] === 'string'),
  },
  { name: 'Node-RED', isOf: ({ items }) => some(items, (node) => 'wires' in node || node['type'] === 'tab') },
  {
    name: 'Flowise or Langflow',
    isOf: (value) =>
      some(nodesOf(value), (node) => /^(?:customNode|genericNode|agentFlow)$/.test(String(node['type']))),
  },
  { name: 'Windmill', isOf: ({ value }) => isObject(value) && Array.isArray(value['modules']) },
  { name: 'Make', isOf: (value) => Array.isArray(value['flow']) && 'metadata' in value },
];

type Json = Readonly<Record<string, unknown>>;

/** The program that a JSON text belongs to, where it is a workflow of another one that is known here. */
export function foreignProgram(value: unknown): string | null {
  const object = Array.isArray(value) ? { items: value } : value;
  if (!isObject(object) || 'heddle' in object) return null;
  return programs.find(({ isOf }) => isOf(object))?.name ?? null;
}

/** What is said of a workflow of another program. */
export function foreignWords(program: string): string {
  return `This is a workflow from ${program}. Its nodes work differently from Heddle's, so it cannot be imported. Rebuild it with Heddle's nodes.`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function some(value: unknown, test: (item: Json) => boolean): boolean {
  return Array.isArray(value) && value.some((item) => isObject(item) && test(item));
}

function every(value: Json, test: (item: Json) => boolean): boolean {
  const items = Object.values(value);
  return items.length > 0 && items.every((item) => isObject(item) && test(item));
}

function nodesOf(value: Json): unknown {
  return value['nodes'] ?? (isObject(value['data']) ? value['data']['nodes'] : undefined);
}
