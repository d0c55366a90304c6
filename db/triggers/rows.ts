import type { TriggerKind } from '../../core/api/triggers.ts';

/** A trigger as it is stored. */
export interface TriggerRow {
  readonly id: string;
  readonly workflowId: number;
  readonly userId: string;
  /** In whose name it starts runs; null: the owner's. */
  readonly createdBy: string | null;
  readonly kind: TriggerKind;
  readonly name: string | null;
  readonly enabled: boolean;
  readonly pausedReason: string | null;
  /** By kind; see core/api/triggers.ts. */
  readonly settings: unknown;
  readonly inputs: Record<string, unknown>;
  readonly nextAt: Date | null;
  /** The workflow whose ends it is about; null for the other kinds. */
  readonly sourceWorkflowId: number | null;
  /** What is secret of a webhook, encrypted; null for the other kinds. */
  readonly sealed: Buffer | null;
  readonly failures: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What is read of a trigger of the table `t`, named like the fields of TriggerRow. */
export const columns = `t.id, t.workflow_id as "workflowId", t.user_id as "userId", t.created_by as "createdBy", t.kind, t.name,
  t.enabled, t.paused_reason as "pausedReason", t.settings, t.inputs, t.next_at as "nextAt",
  t.source_workflow_id as "sourceWorkflowId", t.sealed, t.failures,
  t.created_at as "createdAt", t.updated_at as "updatedAt"`;
