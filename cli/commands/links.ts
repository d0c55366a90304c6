import type { AppLink } from '../../core/api/links.ts';
import { createApiClient, type ApiClient } from '../run/api-client.ts';
import { invalid } from '../run/inputs.ts';
import { namedInputs } from '../run/named-inputs.ts';
import { idOf } from './versions.ts';

/** How the links of a workflow are reached. */
interface LinksOptions {
  /** The id of a workflow, or its slug. */
  readonly workflow: string;
  readonly server: string;
  readonly apiKey: string | undefined;
  readonly print: (text: string) => void;
}

/** What `heddle share` is told. */
export interface ShareOptions extends LinksOptions {
  readonly name: string | undefined;
  /** Days until it expires; null: never. */
  readonly days: number | null;
  /** How many runs it is good for; null: no limit of its own. */
  readonly runs: number | null;
  /** Names of the inputs that may be given; undefined: all without a fixed value. */
  readonly allow: readonly string[] | undefined;
  /** Each `name=value` of an input that is always the same. */
  readonly fix: readonly string[];
  readonly now: () => Date;
}

const dayMs = 86_400_000;

/** `heddle share`: makes a link to the app of a workflow and prints its address, which is shown this once. */
export async function share(options: ShareOptions): Promise<void> {
  const api = createApiClient(options);
  const { workflow, name, days, runs: maxRuns, allow, now, print } = options;
  const workflowId = await idOf(api, workflow);
  const { inputs: schema } = await api.readInterface(workflowId);
  const fixed = await namedInputs({ slug: workflow, inputs: schema }, options.fix, (path) => api.upload(path));
  const made = await api.createLink(workflowId, {
    ...(name !== undefined && { name }),
    expiresAt: days === null ? null : new Date(now().getTime() + days * dayMs).toISOString(),
    maxRuns,
    inputs: allow === undefined ? null : [...allow],
    fixed,
  });
  print(made.url);
}

/** `heddle links`: lists the links to the app of a workflow; with an act, does that to one of them first. */
export async function listLinks(
  options: LinksOptions & { readonly act: { readonly kind: 'on' | 'off' | 'end'; readonly id: string } | null },
): Promise<void> {
  const api = createApiClient(options);
  const { print, act } = options;
  const workflowId = await idOf(api, options.workflow);
  if (act !== null) {
    const { id } = await findLink(api, workflowId, act.id);
    if (act.kind === 'end') await api.deleteLink(id);
    else await api.changeLink(id, { enabled: act.kind === 'on' });
  }
  const links = await api.listLinks(workflowId);
  if (links.length === 0) print('It has no links.');
  for (const link of links) print(lineOf(link));
}

async function findLink(api: ApiClient, workflowId: number, end: string): Promise<AppLink> {
  const found = (await api.listLinks(workflowId)).filter(({ id }) => end !== '' && id.endsWith(end));
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  throw invalid(
    only === undefined
      ? `The workflow has no link "${end}". "heddle links" lists them.`
      : `${found.length} links end with "${end}". Give more of the id.`,
  );
}

/** The ids of links that were made one after another begin alike: the end tells them apart. */
const shownCharacters = 8;

function lineOf({ id, state, runs, maxRuns, expiresAt, name }: AppLink): string {
  const used = maxRuns === null ? `${runs} runs` : `${runs} of ${maxRuns} runs`;
  const until = expiresAt === null ? 'no end' : `until ${expiresAt}`;
  return `${id.slice(-shownCharacters)}  ${state.padEnd(7)}  ${used}  ${until}${name === null ? '' : `  ${name}`}`;
}
