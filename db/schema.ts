import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { BatchRowStatus, BatchStatus } from '../core/api/batches.ts';
import type { MessageType } from '../core/api/callbacks.ts';
import type { ApiKeyScope } from '../core/api/keys.ts';
import type { FireStatus } from '../core/api/trigger-fires.ts';
import type { TriggerKind } from '../core/api/triggers.ts';
import type { Graph } from '../core/graph/graph.ts';
import type { ModelUsage } from '../core/node-type/model-usage.ts';
import type { RunEdge } from '../core/run/edges.ts';
import type { WaitKind, WaitResolution } from '../core/run/wait.ts';
import type { StoredRegion } from '../core/run/region.ts';
import type { WorkspaceRole } from '../core/scope.ts';
import type { NodeExecutionStatus, RunMode, RunStatus, TriggerType } from '../core/run/status.ts';

/** Set by the database where it is left out; never changed afterwards unless a query says so. */
type DefaultedTimestamp = ColumnType<Date, Date | undefined, Date>;
/** JSON is written as text and read back parsed. */
type Json<T> = ColumnType<T, string, string>;

/** Whoever owns something: an account, a workspace of several, or a program that belongs to a workspace. */
export interface UsersTable {
  id: string;
  /** Only a `person` signs in and is an account in any list. */
  kind: Generated<'person' | 'workspace' | 'service'>;
  /** Of what is no person: its id. */
  email: string;
  first_name: string | null;
  last_name: string | null;
  role: Generated<'owner' | 'member' | 'viewer'>;
  password_hash: string | null;
  /** The id of the same person at the identity provider; null for accounts of this installation. */
  external_id: Generated<string | null>;
  /** How new the identity provider's newest word about the account is. */
  external_at: Generated<Date | null>;
  /** When the person changed the e-mail address, which nothing has proved since. */
  email_changed_at: Generated<Date | null>;
  /** When the identity provider said that the address is the person's; null: it has not, or the account is not of one. */
  email_verified_at: Generated<Date | null>;
  /** Since when the identity provider refuses the person; null: it does not. */
  shut_out_at: Generated<Date | null>;
  /** Set: the account cannot be used, and nothing brings it back but an owner. */
  removed_at: Generated<Date | null>;
  created_at: DefaultedTimestamp;
  updated_at: DefaultedTimestamp;
}

/** Workspaces of several; everybody's own is the account itself. */
export interface WorkspacesTable {
  /** That of its row in `users`. */
  id: string;
  name: string;
  created_by: string | null;
  created_at: DefaultedTimestamp;
  /** Set: closed to everybody, and gone after a time of grace. */
  deleted_at: Generated<Date | null>;
  /** When an owner of the installation last named an admin, whom, and who did; null: never. */
  admin_named_at: Generated<Date | null>;
  admin_named_id: Generated<string | null>;
  admin_named_by: Generated<string | null>;
}

/** Who is in a workspace, and with which role; one row for each account in it. */
export interface WorkspaceMembersTable {
  workspace_id: string;
  account_id: string;
  role: WorkspaceRole;
  /** `group`: a group at the identity provider brought it, and takes it away. */
  via: Generated<'invited' | 'group'>;
  created_at: DefaultedTimestamp;
}

/** Those who are members of a workspace once they have shown that an address is theirs, or have opened a link. */
export interface WorkspaceInvitationsTable {
  id: string;
  workspace_id: string;
  /** Lower case. */
  email: string;
  role: WorkspaceRole;
  invited_by: string | null;
  created_at: DefaultedTimestamp;
  /** SHA-256 of the link's token; null: there is no link. */
  token_hash: Generated<Buffer | null>;
  link_expires_at: Generated<Date | null>;
}

/** Browsers that are signed in; the token itself is stored nowhere. */
export interface SessionsTable {
  id: string;
  user_id: string;
  token_hash: Buffer;
  created_at: DefaultedTimestamp;
  last_used_at: DefaultedTimestamp;
  expires_at: Date;
  /** How it was opened. */
  method: Generated<'password' | 'link' | 'invitation' | 'oidc'>;
  user_agent: Generated<string | null>;
  address: Generated<string | null>;
  /** When its identity provider has to be asked again; null where there is none. */
  recheck_at: Generated<Date | null>;
}

/** What an OpenID Connect provider knows a session by. */
export interface OidcSessionsTable {
  session_id: string;
  /** Id of the provider in the configuration. */
  provider: string;
  /** The person there. */
  subject: string;
  /** The session there; null where it has not said. */
  provider_session: string | null;
  /** Null where none was given, or nothing is there to seal it with. */
  sealed_refresh_token: Buffer | null;
}

/** Somebody on the way to a provider and back. */
export interface OidcSignInsTable {
  /** SHA-256. */
  state_hash: Buffer;
  /** SHA-256 of what the browser keeps meanwhile. */
  browser_hash: Buffer;
  provider: string;
  /** The page to open afterwards. */
  next: string | null;
  expires_at: Date;
}

/** Links that sign in once. */
export interface SignInTokensTable {
  token_hash: Buffer;
  user_id: string;
  created_at: DefaultedTimestamp;
  expires_at: Date;
  used_at: Date | null;
  /** The owner who made it for somebody; null where the machine or the person did. */
  made_by: Generated<string | null>;
}

/** Browsers that an account has signed in with before: guesses of others do not hold them up. */
export interface KnownBrowsersTable {
  /** SHA-256 of the cookie's value. */
  token_hash: Buffer;
  user_id: string;
  created_at: DefaultedTimestamp;
  last_used_at: DefaultedTimestamp;
}

/** Keys of programs; the key itself is stored nowhere. */
export interface ApiKeysTable {
  id: string;
  user_id: string;
  name: string;
  prefix: string;
  /** SHA-256 of the whole key. */
  key_hash: Buffer;
  created_at: DefaultedTimestamp;
  last_used_at: Date | null;
  scopes: Generated<ApiKeyScope[]>;
  /** The only workspace that it is good for; null: all of its account. */
  workspace_id: Generated<string | null>;
  /** What it may do at most in a workspace; null: what its account may. */
  role: Generated<WorkspaceRole | null>;
  expires_at: Generated<Date | null>;
  revoked_at: Generated<Date | null>;
}

/** Links by which somebody makes an account, once. */
export interface InvitationsTable {
  id: string;
  /** Lower case. */
  email: string;
  role: 'owner' | 'member' | 'viewer';
  token_hash: Buffer;
  invited_by: string | null;
  created_at: DefaultedTimestamp;
  expires_at: Date;
  accepted_at: Generated<Date | null>;
}

/** Who did what, when and from where. A further piece of the same act counts up the row that it has. */
export interface AuditLogTable {
  id: string;
  at: DefaultedTimestamp;
  action: string;
  is_refused: Generated<boolean>;
  actor_id: string | null;
  actor_email: string | null;
  via: string | null;
  subject_type: string | null;
  subject_id: string | null;
  subject_name: string | null;
  address: string | null;
  request_id: string | null;
  details: Json<Record<string, unknown>>;
  /** The workspace of several that it is about; null: none. */
  workspace_id: Generated<string | null>;
  /** How often it was done within the hour. */
  count: Generated<number>;
  last_at: DefaultedTimestamp;
  /** Whose part of the log the line takes. */
  share: string;
  /** Hash of what makes it the same act; null in lines of earlier versions. */
  act: Buffer | null;
  /** The hour of the first time; null as `act` is. */
  hour: Date | null;
}

/** Sessions of the identity provider that ended before their last token. */
export interface EndedSessionsTable {
  id: string;
  ended_at: DefaultedTimestamp;
}

/** Messages of the identity provider that were acted upon. */
export interface WebhookMessagesTable {
  id: string;
  received_at: DefaultedTimestamp;
}

/** The graphs that people edit. */
export interface WorkflowsTable {
  id: Generated<number>;
  name: string;
  data: Json<Graph>;
  user_id: string;
  /** Counts up with each change. */
  version: Generated<number>;
  created_at: DefaultedTimestamp;
  updated_at: DefaultedTimestamp;
  /** Its name in addresses, unique in the installation; null until it is published. */
  slug: Generated<string | null>;
  /** The number of the published version that runs; null until it is published. */
  live_version: Generated<number | null>;
  /** Who last changed it; null: the owner. */
  updated_by: Generated<string | null>;
}

/** Results of a workflow that an account has marked. */
export interface ResultStarsTable {
  workflow_id: number;
  user_id: string;
  /** The last one at the end; at most 1,000. */
  keys: string[];
}

/** Frozen graphs that have a number; they stay for as long as their workflow does. */
export interface PublishedVersionsTable {
  workflow_id: number;
  /** Counted from 1 within the workflow. */
  number: number;
  version_id: string;
  /** Of the draft that it was made from. */
  revision: number;
  note: Generated<string>;
  /** Null where the account is gone. */
  published_by: string | null;
  published_at: DefaultedTimestamp;
}

/** Drafts that another graph took the place of; the newest of each workflow stay. */
export interface KeptDraftsTable {
  id: string;
  workflow_id: number;
  version_id: string;
  kept_by: string | null;
  kept_at: DefaultedTimestamp;
}

/** Frozen graphs that runs point to; equal content is one row. */
export interface WorkflowVersionsTable {
  id: string;
  workflow_id: number;
  /** SHA-256 of the canonical graph, hex. */
  content_hash: string;
  data: Json<Graph>;
  created_at: DefaultedTimestamp;
}

/** Runs, and the repetitions of nodes within them, which are runs of a run. */
export interface WorkflowRunsTable {
  id: string;
  workflow_id: number;
  workflow_version_id: string;
  /** The workspace that it belongs to. */
  user_id: string;
  /** Who started it; null: the owner. */
  actor_id: Generated<string | null>;
  trigger_type: TriggerType;
  mode: RunMode;
  node_ids: string[] | null;
  /** Null: deterministic nodes only. */
  use_cache: boolean | null;
  retry_of: string | null;
  status: Generated<RunStatus>;
  error: string | null;
  unfinished_nodes: number;
  failed_nodes: Generated<number>;
  last_seq: Generated<number>;
  created_at: DefaultedTimestamp;
  started_at: Date | null;
  /** When anything of the run last changed; the sweeper looks at runs that stand still. */
  progressed_at: DefaultedTimestamp;
  /** When the run had its turn; null while it waits for others of its user to end. */
  admitted_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  /** What it keeps in the database, measured after its end. bigint: read back as text. */
  kept_bytes: ColumnType<string | null, never, string>;
  /** Failures of nodes whose error output led on; null: none. */
  handled_failures: number | null;
  /** Since when nothing but open waits is left in it; null: it is under way, or over. Of runs that somebody started. */
  rests_since: Date | null;
  /** A run that is not finished by then is ended as FAILED; while it waits, of no account. */
  deadline_at: Date;
  finished_at: Date | null;
  /** Number of the published version that it is of; null: of a draft. */
  published_version: Generated<number | null>;
  /** Of a part, a run inside a run: the run that it is a part of. Null, as all that follows, in a run that somebody started. */
  parent_run_id: string | null;
  /** The node execution of the parent that made it: that of its region's first node. */
  parent_execution_id: string | null;
  /** Its place among the elements, from 0; below it: it failed, and its element is gone through again. See `retryParts`. */
  part_index: number | null;
  /** Names its element by content; see `core/graph/regions.ts`. */
  part_key: string | null;
  /** A few words of its element; null where it has none. */
  part_label: string | null;
  /** Whether its end is counted in its region. */
  part_settled: boolean | null;
  /** Of a run that somebody started: node executions of the regions within its parts; null where there are none. */
  region_executions: Generated<number | null>;
}

/** Worker sessions: their leases, and what they take. */
export interface WorkersTable {
  /** One worker session: a process that lost its lease starts a new one. */
  id: string;
  hostname: string;
  pid: number;
  version: string;
  pools: string[];
  concurrency: number;
  started_at: DefaultedTimestamp;
  heartbeat_at: DefaultedTimestamp;
  draining: Generated<boolean>;
  /** When an operator asked it to take no more work. */
  drain_requested_at: Date | null;
  /** Set by the sweeper that rescued the session's attempts; the session is over. */
  expired_at: Date | null;
  /** Runs attempts that were there at two deaths in processes of their own. */
  isolates: Generated<boolean>;
  /** The session whose process started this one, for one attempt. */
  parent_id: string | null;
}

/**
 * Nodes of runs. `status` and `attempt` change by guarded statements alone; triggers in the database refuse other
 * moves.
 */
export interface NodeExecutionsTable {
  id: string;
  run_id: string;
  node_id: string;
  node_type: string;
  node_label: string | null;
  pool: 'inline' | 'io' | 'cpu';
  status: NodeExecutionStatus;
  attempt: Generated<number>;
  /** Attempts that ended because their worker died. */
  crash_count: Generated<number>;
  /** Attempts that were handed back because nobody recorded how they ended. */
  unrecorded_count: Generated<number>;
  /** Tries before it last waited and worked on; they do not count against its limit. Null: it never did. */
  earlier_tries: number | null;
  cached: Generated<boolean>;
  pending_dependencies: number;
  /** Node ids within the run. */
  dependencies: string[];
  dependents: string[];
  /** Hash of the node's type, config and everything upstream of it; equal means interchangeable. */
  fingerprint: string;
  timeout_ms: number;
  worker_id: string | null;
  input_data: Json<Record<string, unknown>> | null;
  output_data: Json<Record<string, unknown>> | null;
  usage: JSONColumnType<ModelUsage> | null;
  error: string | null;
  error_code: string | null;
  /** Not before this moment (a retry's backoff). */
  available_at: Date | null;
  queued_at: Date | null;
  started_at: Date | null;
  finished_at: Date | null;
  /** Milliseconds. */
  duration: number | null;
  /** The edges into it, in a run with branches where one of them may turn out dead; else null. */
  edges: Json<StoredEdges> | null;
  /** Its error output leads on in this run; null where not. */
  handles_error: boolean | null;
  /** Its place in a region; null where it has none. */
  region: Json<StoredRegion> | null;
}

/** A region of a run, from its first node's execution on until all of its parts have ended. */
export interface RunRegionsTable {
  /** That of the first node of the region. */
  node_execution_id: string;
  run_id: string;
  /** Hash of what every part gets alike: parts of another run may stand in where it is the same. */
  shared_key: string;
  /** Elements. */
  total: number;
  /** Nodes of each part. */
  nodes: number;
  /** Parts that may be unfinished at once. */
  width: number;
  /** With more failed ones no further part begins, and the region fails; null: however many. */
  most_failed: number | null;
  /** The first element that has no part yet; earlier ones have. */
  next_index: number;
  unfinished: Generated<number>;
  /** Those that were taken from the cache or an earlier run included. */
  completed: Generated<number>;
  cached: Generated<number>;
  failed: Generated<number>;
  /** Elements that failed and are to be gone through again; they count as failed no more, and come before all others. */
  again: Generated<number>;
  /** How many ever were. */
  retried: Generated<number>;
  /** Nothing is left to be made or counted. */
  is_closed: Generated<boolean>;
  /** Since when no further part is made, because somebody has paused it; null: it is not paused. */
  paused_at: Date | null;
  /** Who did. */
  paused_by: string | null;
  changed_at: DefaultedTimestamp;
  /** When its progress was last written as an event. */
  told_at: DefaultedTimestamp;
}

/** Edges of a node as they are stored. */
export interface StoredEdges {
  /** Its place in the topological order of its run. */
  readonly rank: number;
  readonly in: readonly RunEdge[];
}

/** What node executions wait for. */
export interface WaitsTable {
  id: Generated<string>;
  run_id: string;
  /** Whose run it is. */
  user_id: string;
  node_execution_id: string;
  /** The attempt that waits. */
  attempt: number;
  kind: WaitKind;
  /** SHA-256 of the token of its link; null where it has none. */
  token_hash: Buffer | null;
  /** When it ends by itself; null: never. */
  due_at: Date | null;
  /** What is asked, or what is waited for. */
  payload: Json<Record<string, unknown>>;
  /** What the node puts out when its time is over; null: it fails then. Gone once the wait is over. */
  due_outputs: Json<Record<string, unknown>> | null;
  created_at: DefaultedTimestamp;
  resolved_at: Date | null;
  resolution: Json<WaitResolution> | null;
  /** The user who answered; null where nobody did. */
  resolved_by: string | null;
}

/** A paid call of a model. */
export interface ModelCallsTable {
  id: Generated<string>;
  user_id: string;
  /** Null, as what follows, where no node made the call. */
  workflow_id: number | null;
  /** The whole run. */
  run_id: string | null;
  node_id: string | null;
  node_execution_id: string | null;
  attempt: number;
  provider: string;
  model: string;
  expected_usd: number;
  /** Null: under way, or not known. */
  cost_usd: number | null;
  settled_at: Date | null;
  created_at: DefaultedTimestamp;
}

/** What may be spent on models, in US dollars. */
export interface BudgetsTable {
  id: Generated<string>;
  user_id: string;
  /** Null: all of the user's. */
  workflow_id: number | null;
  period: 'run' | 'day' | 'month';
  limit_usd: number;
  updated_at: DefaultedTimestamp;
}

/** When a provider takes the next call with a key; there only while it asks for fewer. */
export interface ProviderClocksTable {
  key: string;
  not_before: DefaultedTimestamp;
  pace_ms: number;
  waiting: Generated<number>;
  slowed_at: DefaultedTimestamp;
  /** Calls that are left, as far as that is known, until `left_until`. */
  left_calls: number | null;
  left_until: Date | null;
  /** Until one more call comes back; null: all of them at once, at `left_until`. */
  refill_ms: number | null;
}

/** Jobs at providers, written down before they are handed in. */
export interface ProviderJobsTable {
  node_execution_id: string;
  run_id: string;
  user_id: string;
  /** Names what was asked for: node type, settings and inputs. */
  work: string;
  begun_at: DefaultedTimestamp;
  /** What the provider calls it; null: it is being handed in, or nobody knows what came of that. */
  job: Json<Record<string, unknown>> | null;
  /** When its provider is asked about it next. */
  look_at: DefaultedTimestamp;
  /** Since it last answered. */
  failed_looks: Generated<number>;
  /** Nothing is left to be asked of the provider. */
  ended_at: Date | null;
}

/** What changed in a run; `seq` grows by one within it. */
export interface RunEventsTable {
  run_id: string;
  seq: number;
  at: DefaultedTimestamp;
  type: 'run.updated' | 'node.updated';
  node_execution_id: string | null;
  /** The changed fields; outputs are joined from node_executions when read. */
  payload: Json<Record<string, unknown>>;
}

/** Files with their owners; contents are stored once under their SHA-256. */
export interface AssetsTable {
  id: string;
  user_id: string;
  /** Null: the owner, or a run of it. */
  uploaded_by: Generated<string | null>;
  sha256: string;
  name: string;
  mime_type: string;
  /** bigint: read back as text. */
  bytes: ColumnType<string, number, never>;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  channels: number | null;
  sample_rate: number | null;
  created_at: DefaultedTimestamp;
  /** bigint: read back as text. */
  derived_bytes: Generated<string>;
}

/** What finished runs of a workspace take in the database; the meter adds it up. */
export interface UserDataTable {
  user_id: string;
  /** bigint: read back as text. */
  run_bytes: Generated<string>;
}

/** Lists that lie in files, by the runs whose outputs name them. */
export interface RunListsTable {
  run_id: string;
  asset_id: string;
}

/** Room in quotas for files that are under way. */
export interface AssetReservationsTable {
  id: string;
  user_id: string;
  /** bigint: read back as text. */
  bytes: ColumnType<string, number, number>;
  sha256: string | null;
  expires_at: Date;
}

/** Outputs that may stand in for an execution with the same key. */
export interface OutputCacheTable {
  user_id: string;
  key: string;
  /** Null while it is being made. */
  output_data: Json<Record<string, unknown>> | null;
  /** The node execution that makes or made it; null for rows of old. */
  made_by: string | null;
  attempt: number | null;
  created_at: DefaultedTimestamp;
}

/** Requests that are made once, and their answers. */
export interface IdempotencyKeysTable {
  user_id: string;
  key: string;
  request_hash: string;
  /** The id of what the request makes: the same for every try, so that a second try finds what the first one made. */
  subject_id: Generated<string>;
  /** When the present try began. */
  taken_at: DefaultedTimestamp;
  /** HTTP status of the answer; null while the first request is under way. */
  status: number | null;
  response: Json<unknown> | null;
  created_at: DefaultedTimestamp;
}

/** What must always hold, one row for each rule. */
export interface InvariantChecksTable {
  name: string;
  /** Rows that broke it when it was last looked at; anything but 0 is a fault. */
  violations: number;
  checked_at: Date;
}

/** Keys of workspaces for providers with models, encrypted. */
export interface ProviderKeysTable {
  user_id: string;
  provider: 'gemini' | 'openai';
  /** Where the key may be sent; null where the provider has one address only. */
  base_url: string | null;
  /** As the secret box made it. */
  sealed: Buffer;
  /** To offer; nothing looks them up. */
  models: string[];
  created_at: DefaultedTimestamp;
  updated_at: DefaultedTimestamp;
}

/** What nodes name to sign in elsewhere, encrypted, each with the hosts that it may be sent to. */
export interface SecretsTable {
  user_id: string;
  name: string;
  /** Where the secret may be sent: `host` or `host:port`. */
  hosts: string[];
  /** As the secret box made it. */
  sealed: Buffer;
  created_at: DefaultedTimestamp;
  updated_at: DefaultedTimestamp;
}

/** Many runs of one frozen graph. */
export interface BatchesTable {
  id: string;
  workflow_id: number;
  user_id: string;
  /** The frozen graph that its rows run. */
  version_id: string;
  /** Number of the published version that it is of; null: of a draft. */
  published_version: Generated<number | null>;
  name: Generated<string | null>;
  status: Generated<BatchStatus>;
  paused_reason: Generated<string | null>;
  /** Runs under way at once at most. */
  at_once: number;
  use_cache: Generated<boolean | null>;
  total: number;
  /** Of the values of its rows, as stored. */
  bytes: string | number;
  /** Who made it; null: the owner. */
  created_by: Generated<string | null>;
  created_at: DefaultedTimestamp;
  /** When the last row was over. */
  finished_at: Generated<Date | null>;
}

/** The rows of batches, each with the values and the run of one. */
export interface BatchRowsTable {
  batch_id: string;
  /** Counted from 1. */
  number: number;
  inputs: Json<unknown>;
  status: Generated<BatchRowStatus>;
  /** Of the run that it has, or is to have. */
  run_id: Generated<string | null>;
  /** The run that the next one goes on from. */
  retry_of: Generated<string | null>;
  tries: Generated<number>;
  /** Before it nothing is started. */
  try_at: Generated<Date | null>;
  /** Somebody is starting its run until then. */
  claimed_until: Generated<Date | null>;
  code: Generated<string | null>;
  error: Generated<string | null>;
  cost_usd: Generated<number | null>;
  duration_ms: Generated<string | null>;
  finished_at: Generated<Date | null>;
}

/** What starts runs by itself. */
export interface TriggersTable {
  id: string;
  workflow_id: number;
  user_id: string;
  /** In whose name it starts runs; null: the owner's. */
  created_by: Generated<string | null>;
  kind: TriggerKind;
  name: Generated<string | null>;
  enabled: Generated<boolean>;
  /** Why it is not enabled, where nobody turned it off by hand. */
  paused_reason: Generated<string | null>;
  settings: Json<unknown>;
  inputs: Generated<unknown>;
  /** The next instant of a schedule; null: there is none. */
  next_at: Generated<Date | null>;
  /** The workflow whose ends it is about; set exactly where the kind is `workflow`. */
  source_workflow_id: Generated<number | null>;
  /** When its folder is looked into next; set exactly where the kind is `file`. */
  look_at: Generated<Date | null>;
  /** Runs of it that ended before were looked at. */
  looked_until: Generated<Date | null>;
  /** SHA-256 of what stands in the address of a webhook. */
  token_hash: Generated<Buffer | null>;
  /** What is secret of a webhook, encrypted. */
  sealed: Generated<Buffer | null>;
  /** In a row. */
  failures: Generated<number>;
  created_at: DefaultedTimestamp;
  updated_at: DefaultedTimestamp;
}

/** Addresses at which people without an account run an app. */
export interface AppLinksTable {
  id: string;
  workflow_id: number;
  user_id: string;
  /** In whose name it starts runs; null: the owner's. */
  created_by: Generated<string | null>;
  name: Generated<string | null>;
  /** SHA-256 of what stands in its address. */
  token_hash: Buffer;
  enabled: Generated<boolean>;
  /** Why it is not enabled, where nobody turned it off by hand. */
  paused_reason: Generated<string | null>;
  expires_at: Generated<Date | null>;
  max_runs: Generated<number | null>;
  /** Runs that were begun. */
  runs: Generated<number>;
  /** Names of the inputs that visitors may give; null: all. */
  inputs: Generated<string[] | null>;
  /** Values of others. */
  fixed: Generated<unknown>;
  created_at: DefaultedTimestamp;
  last_run_at: Generated<Date | null>;
}

/** Who began which run by a link. */
export interface AppLinkRunsTable {
  run_id: string;
  link_id: string;
  /** SHA-256 of what the browser of the visitor holds. */
  visitor: Buffer;
  created_at: DefaultedTimestamp;
}

/** Files that whoever came by a link may read. */
export interface AppLinkFilesTable {
  link_id: string;
  visitor: Buffer;
  asset_id: string;
}

/** The files that the folder of a trigger was seen to hold. */
export interface TriggerFilesTable {
  trigger_id: string;
  path: string;
  bytes: string | number;
  /** Changes with the file. */
  mark: string;
  /** It has been as it is since. */
  seen_at: Date;
  is_taken: boolean;
}

/** Each time of a trigger, and what came of it. */
export interface TriggerFiresTable {
  /** Of its run as well. */
  id: string;
  trigger_id: string;
  /** One fire of a trigger has it: the instant of a schedule, the id of a delivery. */
  fire_key: string;
  due_at: Date;
  created_at: DefaultedTimestamp;
  status: FireStatus;
  code: Generated<string | null>;
  reason: Generated<string | null>;
  /** Null: those of the trigger. */
  inputs: Generated<unknown>;
  tries: Generated<number>;
  /** When it may be tried (again); set exactly where it is `due`. */
  try_at: Generated<Date | null>;
  /** Set from when its run is there. */
  run_id: Generated<string | null>;
}

/** What arrived at webhooks, kept until its room is needed. */
export interface TriggerDeliveriesTable {
  fire_id: string;
  trigger_id: string;
  received_at: DefaultedTimestamp;
  query: Json<unknown>;
  /** Without what is secret. */
  headers: Json<unknown>;
  body: Buffer;
}

/** Addresses that are told of runs. */
export interface WorkflowCallbacksTable {
  id: string;
  workflow_id: number;
  user_id: string;
  url: string;
  events: string[];
  enabled: Generated<boolean>;
  paused_reason: Generated<string | null>;
  /** The secret that messages are signed with, encrypted; while it is replaced the one before after it. */
  sealed: Buffer;
  has_old_secret: Generated<boolean>;
  /** Runs that ended before are told of. */
  looked_until: DefaultedTimestamp;
  created_at: DefaultedTimestamp;
}

/** What callbacks are told, and whether it arrived. */
export interface CallbackMessagesTable {
  id: string;
  callback_id: string;
  run_id: string;
  event: MessageType;
  /** The question that a run waits for; set exactly where it is `run.waiting`. */
  wait_id: Generated<string | null>;
  status: Generated<'due' | 'delivered' | 'failed'>;
  /** The same for all tries; null before the first. */
  body: Generated<string | null>;
  tries: Generated<number>;
  /** When it may be sent (again); set exactly where it is `due`. */
  try_at: Generated<Date | null>;
  answer_status: Generated<number | null>;
  error: Generated<string | null>;
  created_at: DefaultedTimestamp;
  sent_at: Generated<Date | null>;
}

/** All tables by name. */
export interface Database {
  users: UsersTable;
  workspaces: WorkspacesTable;
  workspace_members: WorkspaceMembersTable;
  workspace_invitations: WorkspaceInvitationsTable;
  sessions: SessionsTable;
  oidc_sessions: OidcSessionsTable;
  oidc_sign_ins: OidcSignInsTable;
  sign_in_tokens: SignInTokensTable;
  known_browsers: KnownBrowsersTable;
  api_keys: ApiKeysTable;
  invitations: InvitationsTable;
  audit_log: AuditLogTable;
  ended_sessions: EndedSessionsTable;
  webhook_messages: WebhookMessagesTable;
  workflows: WorkflowsTable;
  workflow_versions: WorkflowVersionsTable;
  published_versions: PublishedVersionsTable;
  result_stars: ResultStarsTable;
  kept_drafts: KeptDraftsTable;
  workflow_runs: WorkflowRunsTable;
  workers: WorkersTable;
  node_executions: NodeExecutionsTable;
  run_events: RunEventsTable;
  waits: WaitsTable;
  provider_jobs: ProviderJobsTable;
  model_calls: ModelCallsTable;
  budgets: BudgetsTable;
  provider_clocks: ProviderClocksTable;
  run_regions: RunRegionsTable;
  assets: AssetsTable;
  asset_reservations: AssetReservationsTable;
  run_lists: RunListsTable;
  user_data: UserDataTable;
  output_cache: OutputCacheTable;
  idempotency_keys: IdempotencyKeysTable;
  invariant_checks: InvariantChecksTable;
  provider_keys: ProviderKeysTable;
  secrets: SecretsTable;
  batches: BatchesTable;
  batch_rows: BatchRowsTable;
  triggers: TriggersTable;
  trigger_fires: TriggerFiresTable;
  trigger_files: TriggerFilesTable;
  trigger_deliveries: TriggerDeliveriesTable;
  workflow_callbacks: WorkflowCallbacksTable;
  app_links: AppLinksTable;
  app_link_runs: AppLinkRunsTable;
  app_link_files: AppLinkFilesTable;
  callback_messages: CallbackMessagesTable;
}
