import type { ErrorCode } from '../../core/errors/codes.ts';

/** Where what has failed can be put right. */
export type Cure =
  /** A page of the app. */
  | { readonly kind: 'page'; readonly label: string; readonly path: string }
  /** The settings of the node itself. */
  | { readonly kind: 'node'; readonly label: string }
  /** Nothing has to change: it may work now. */
  | { readonly kind: 'again'; readonly label: string };

const again: Cure = { kind: 'again', label: 'Run this alone' };
const editNode: Cure = { kind: 'node', label: 'Edit the node' };
const chooseModel: Cure = { kind: 'node', label: 'Choose a model' };
const files: Cure = { kind: 'page', label: 'Free up space', path: '/settings#files' };
const providerKeys: Cure = { kind: 'page', label: 'Open provider keys', path: '/settings#your-provider-keys' };

/** By error code; what is not listed may be over by itself. */
const cures: Readonly<Partial<Record<ErrorCode, Cure>>> = {
  PROVIDER_NOT_CONFIGURED: providerKeys,
  PROVIDER_AUTH: providerKeys,
  PROVIDER_MODEL_NOT_FOUND: chooseModel,
  PROVIDER_BLOCKED: { kind: 'node', label: 'Change the prompt' },
  PROVIDER_BAD_REQUEST: editNode,
  PROVIDER_TRUNCATED: { kind: 'node', label: 'Raise the limit' },
  BUDGET_EXCEEDED: { kind: 'page', label: 'Open budgets', path: '/settings#budgets' },
  PROVIDER_JOB_FAILED: { kind: 'node', label: 'Change the prompt' },
  PROVIDER_EMPTY: { kind: 'node', label: 'Change the prompt' },
  NODE_DATA_INVALID: editNode,
  INPUT_MISSING: editNode,
  MISSING_UPSTREAM_OUTPUT: editNode,
  TYPE_MISMATCH: editNode,
  CONDITION_INVALID: editNode,
  CONDITION_TOO_SLOW: editNode,
  CROP_BOX_INVALID: editNode,
  TIMESTAMP_INVALID: editNode,
  TIMESTAMP_OUT_OF_RANGE: editNode,
  URL_NOT_ALLOWED: editNode,
  URL_SCHEME: editNode,
  URL_PORT: editNode,
  URL_INVALID: editNode,
  UNSUPPORTED_MEDIA: { kind: 'node', label: 'Choose another file' },
  FILE_EMPTY: { kind: 'node', label: 'Choose another file' },
  FILE_TOO_LARGE: { kind: 'node', label: 'Choose another file' },
  IMAGE_UNREADABLE: { kind: 'node', label: 'Choose another file' },
  VIDEO_UNREADABLE: { kind: 'node', label: 'Choose another file' },
  AUDIO_UNREADABLE: { kind: 'node', label: 'Choose another file' },
  ASSET_NOT_FOUND: { kind: 'node', label: 'Choose another file' },
  STORAGE_FULL: files,
  DATA_QUOTA_FULL: files,
  DISK_LOW: files,
};

/** What helps against an error; trying again where nothing else is known. */
export function cureOf(errorCode: string | null): Cure {
  return cures[errorCode as ErrorCode] ?? again;
}
