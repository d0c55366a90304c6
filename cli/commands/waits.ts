import { randomUUID } from 'node:crypto';
import type { Wait } from '../../core/api/waits.ts';
import { chooseAction, nameOfButton } from '../../core/waits/question.ts';
import { createApiClient, type ApiClient } from '../run/api-client.ts';
import { inputValue, invalid, parseAssignment } from '../run/inputs.ts';

interface WaitsOptions {
  readonly server: string;
  readonly apiKey: string | undefined;
  /** The id of the workspace to work in; default: that of the key. */
  readonly workspace?: string | undefined;
  readonly print: (text: string) => void;
}

interface AnswerOptions extends WaitsOptions {
  /** The id of a question, or how that begins. */
  readonly question: string;
  /** The id of a button; undefined where something is to be chosen. */
  readonly action: string | undefined;
  /** Each `name=value` of a field. */
  readonly values: readonly string[];
  /** Places of what is chosen, from 0. */
  readonly indices: readonly number[];
}

/** Longer values are cut in the list. */
const longestLine = 100;
const mostElements = 20;

/** `heddle waits`: lists the questions of runs that are open, the oldest first, with how each is answered. */
export async function listWaits(options: WaitsOptions): Promise<void> {
  const waits = await createApiClient(options).listWaits();
  if (waits.length === 0) options.print('Nothing waits for you.');
  for (const wait of waits) for (const line of linesOf(wait)) options.print(line);
}

/** `heddle answer`: answers a question. Throws REQUEST_INVALID with the server's words, such as who was first. */
export async function answer(options: AnswerOptions): Promise<void> {
  const api = createApiClient(options);
  const wait = await findQuestion(api, options.question);
  const action = options.action ?? (wait.choice === null ? undefined : chooseAction);
  if (action === undefined) {
    throw invalid(`Name the button as well: heddle answer ${wait.id} ${wait.buttons.map(({ id }) => id).join(' | ')}`);
  }
  const values = await valuesOf(api, wait, options.values);
  const given = { action, ...(Object.keys(values).length > 0 && { values }) };
  const body = wait.choice === null ? given : { ...given, indices: [...options.indices] };
  const { nodeLabel, nodeId, workflowName } = await api.answerWait(wait.id, randomUUID(), body);
  options.print(`Answered ${workflowName}: ${nodeLabel ?? nodeId}.`);
}

async function findQuestion(api: ApiClient, name: string): Promise<Wait> {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name)) return await api.readWait(name);
  const found = (await api.listWaits()).filter(({ id }) => name !== '' && id.startsWith(name));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  throw invalid(
    only === undefined
      ? `No open question begins with "${name}". "heddle waits" lists them.`
      : `${found.length} open questions begin with "${name}". Give more of the id.`,
  );
}

async function valuesOf(api: ApiClient, wait: Wait, texts: readonly string[]): Promise<Record<string, unknown>> {
  const fields = new Map(wait.fields.map((field) => [field.name, field]));
  const values = new Map<string, unknown>();
  for (const text of texts) {
    const { node: name, value } = parseAssignment(text, '--value');
    const field = fields.get(name);
    if (field === undefined) {
      const known = fields.size === 0 ? 'It has none.' : `It has: ${[...fields.keys()].join(', ')}.`;
      throw invalid(`The question has no field "${name}". ${known}`);
    }
    values.set(name, await inputValue({ dataType: field.type }, value, (path) => api.upload(path), values.get(name)));
  }
  return Object.fromEntries(values);
}

function linesOf(wait: Wait): string[] {
  const { id, workflowName, nodeLabel, nodeId, message, dueAt, answerUrl } = wait;
  return [
    `${id}  ${workflowName}: ${nodeLabel ?? nodeId}`,
    ...(message === '' ? [] : [`  ${oneLine(message)}`]),
    ...lookOf(wait),
    `  ${waysOf(wait)}${dueAt === null ? '' : `, until ${dueAt}`}`,
    ...(answerUrl === undefined ? [] : [`  anyone with this link may answer: ${answerUrl}`]),
  ];
}

function lookOf({ value, choice }: Wait): string[] {
  if (choice !== null && Array.isArray(value)) {
    const shown = value.slice(0, mostElements).map((item, index) => `  [${index}] ${oneLine(wordsOf(item))}`);
    return value.length > mostElements ? [...shown, `  and ${value.length - mostElements} more`] : shown;
  }
  return value === null ? [] : [`  ${oneLine(wordsOf(value))}`];
}

function waysOf({ buttons, fields, choice }: Wait): string {
  if (choice !== null) {
    const wanted = choice.min === choice.max ? `${choice.min}` : `${choice.min} to ${choice.max}`;
    return `choose ${wanted}: --choose 0,1`;
  }
  const ways = buttons.map((button) =>
    nameOfButton(button) === button.id ? button.id : `${button.id} (${button.label})`,
  );
  const asked = fields.map(({ name, type, required }) => `${name}=<${type}>${required === true ? ' (required)' : ''}`);
  return [ways.join(' | '), ...asked.map((field) => `--value ${field}`)].join('  ');
}

/** A file by its address; text as it is. */
function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const url = typeof value === 'object' && value !== null && 'url' in value ? value.url : undefined;
  return typeof url === 'string' ? url : JSON.stringify(value);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line;
}
