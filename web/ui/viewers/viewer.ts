import type { ComponentType } from 'react';
import type { AssetReference } from '../../../core/node-type/values.ts';

/** A file that stands in a field: only its address is known. */
export interface FieldViewProps {
  readonly url: string;
  readonly label: string;
  /** It cannot be shown. */
  onBroken(): void;
}

/** A file that a run has put out. */
export interface ValueViewProps {
  readonly asset: AssetReference;
  readonly title: string;
  /** `fill` takes the room that there is. */
  readonly size: 'small' | 'large' | 'fill';
  onBroken(): void;
}

/** How files of one data type are shown. */
export interface Viewer {
  readonly InField: ComponentType<FieldViewProps>;
  readonly Value: ComponentType<ValueViewProps>;
  /** As large as the window allows; null where there is no more to see of it than in its place. */
  readonly Enlarged: ComponentType<{ readonly asset: AssetReference; readonly title: string }> | null;
}
