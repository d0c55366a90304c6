/** What a workflow takes and gives by name, as `heddle types <name>` prints it. */
export interface WorkflowTypes {
  readonly inputs: object;
  readonly outputs: object;
}

/** A workflow whose types are not known. */
export interface AnyWorkflow {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The value of an input that is a file: itself, its address (http, https or data), or the id or path of an uploaded one. */
export type FileInput = Blob | string;

/** A file that a workflow has put out; `download` fetches its bytes. */
export interface FileReference {
  readonly assetId: string;
  /** Path on the server. */
  readonly url: string;
  readonly mimeType: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Of videos and audio files. */
  readonly durationMs?: number;
}

/** A file that was uploaded. */
export interface UploadedFile {
  readonly id: string;
  /** Path on the server. */
  readonly url: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** How a run stands; the last three are final. */
export type RunStatus = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** One run of a workflow. */
export interface Run<Outputs = AnyWorkflow['outputs']> {
  readonly id: string;
  readonly workflowId: number;
  /** Number of the published version; null: a draft. */
  readonly workflowVersion: number | null;
  readonly status: RunStatus;
  readonly error: string | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  /** As the run has them; files by their path. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What has arrived so far. */
  readonly outputs: Partial<Outputs>;
}

interface EventHead {
  readonly runId: string;
  readonly seq: number;
  readonly at: string;
}

/** What happens in a run, in its order. Progress and deltas are hints that may be missing. */
export type RunEvent<Outputs = AnyWorkflow['outputs']> =
  | (EventHead & { readonly type: 'run.updated'; readonly status: RunStatus; readonly error: string | null })
  | (EventHead & {
      readonly type: 'node.updated';
      readonly nodeId: string;
      readonly nodeType: string;
      readonly nodeLabel: string | null;
      readonly status: string;
      readonly attempt: number;
      readonly outputData: Readonly<Record<string, unknown>> | null;
      readonly error: string | null;
    })
  | (EventHead & {
      readonly type: 'node.progress';
      readonly nodeId: string;
      /** 0 to 100. */
      readonly percent: number;
      readonly message: string | null;
    })
  | (EventHead & {
      readonly type: 'node.delta';
      readonly nodeId: string;
      readonly attempt: number;
      /** Characters of the text before this piece. */
      readonly offset: number;
      readonly text: string;
    })
  | { readonly type: 'done'; readonly run: Run<Outputs> };
