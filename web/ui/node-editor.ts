import type { ComponentType, ReactNode } from 'react';
import { addressOf } from './app-address.ts';
import { typeOfDataUrl } from '../../core/data-types/files.ts';
import type { ModelProviderInfo } from '../../core/api/llm.ts';

/** An upload that is on its way to a node. */
export interface UploadState {
  readonly name: string;
  /** 0-1. */
  readonly fraction: number;
  /** Why it failed, in words; null while it runs. */
  readonly error: string | null;
}

/** What an editor is given; it changes a node through `update` alone. */
export interface NodeEditorProps {
  readonly nodeId: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly isReadOnly: boolean;
  /** Input handles that an edge feeds; their fields are taken over. */
  readonly connected: ReadonlySet<string>;
  /** What is known to come in, by input handle: text, an asset reference or `{ url }`; a `many` handle has an array. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The value of the output in the run that is shown; undefined before there is one. */
  readonly output: unknown;
  /** Text that is being streamed; null while nothing streams. */
  readonly streamed: string | null;
  /** Null while the list is loading. */
  readonly providers: readonly ModelProviderInfo[] | null;
  readonly upload: UploadState | null;
  readonly place: 'node' | 'inspector';
  /**
   * The handle of an input that stands for a field, to be drawn in the positioned row of that field; null in the
   * inspector. Drawn by editors that say `drawsHandles`.
   */
  handleOf(inputId: string): ReactNode;
  update(change: Readonly<Record<string, unknown>>): void;
  /** The first file that the node takes goes into it, each other one into a node of its own. */
  uploadFiles(files: readonly File[]): void;
  cancelUpload(): void;
}

/** A hand-made editor for a node type whose drawn form is not enough. */
export interface NodeEditor {
  readonly type: string;
  /** Fields of `data` that it edits; the drawn form leaves them out. */
  readonly fields: readonly string[];
  /** It shows the node's output itself, so the node draws no preview of it. Default false. */
  readonly showsOutput?: boolean;
  /** It draws `handleOf` beside each field that an input stands for. Default false: those stand with the others. */
  readonly drawsHandles?: boolean;
  readonly Editor: ComponentType<NodeEditorProps>;
}

/** The address that a file is shown from; null for anything else. */
export function mediaUrlOf(value: unknown): string | null {
  const url = urlOf(value);
  return url === null ? null : addressOf(url);
}

function urlOf(value: unknown): string | null {
  if (typeof value === 'string') {
    return /^(https?:|\/api\/assets\/)/.test(value) || typeOfDataUrl(value) !== null ? value : null;
  }
  if (typeof value !== 'object' || value === null || !('url' in value)) return null;
  return typeof value.url === 'string' ? value.url : null;
}
