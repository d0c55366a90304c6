/** A link to an app as it is stored. */
export interface LinkRow {
  readonly id: string;
  readonly workflowId: number;
  /** The workspace that its runs are of. */
  readonly userId: string;
  /** In whose name it starts runs; null: the owner's. */
  readonly createdBy: string | null;
  readonly name: string | null;
  readonly enabled: boolean;
  readonly pausedReason: string | null;
  /** Null: it does not expire. */
  readonly expiresAt: Date | null;
  /** Null: as many as there is room for. */
  readonly maxRuns: number | null;
  /** Runs that were begun. */
  readonly runs: number;
  /** Names of the inputs that visitors may give; null: all. */
  readonly inputs: readonly string[] | null;
  /** Values of others. */
  readonly fixed: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly lastRunAt: Date | null;
}

/** The columns of a link `l`, as LinkRow names them. */
export const columns = `l.id, l.workflow_id as "workflowId", l.user_id as "userId", l.created_by as "createdBy", l.name,
  l.enabled, l.paused_reason as "pausedReason", l.expires_at as "expiresAt", l.max_runs as "maxRuns", l.runs, l.inputs,
  l.fixed, l.created_at as "createdAt", l.last_run_at as "lastRunAt"`;
