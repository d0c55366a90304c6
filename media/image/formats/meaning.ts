import type { ColorSpace } from '../color-space.ts';

/** What the numbers of an image are to be taken for. */
export type ColorMeaning =
  /** Nothing is said, or nothing that counts. */
  | { readonly kind: 'srgb' }
  /** The ICC profile in the file. `forGrey`: one of RGB for grey pixels, which the decoder does not use. */
  | { readonly kind: 'profile'; readonly forGrey?: Buffer | undefined }
  /** CMYK without a profile: each ink takes away its share of the light. */
  | { readonly kind: 'inks' }
  /** Marks that the decoder passes over. `peak`: brightest light of HDR content in cd/m2, where it says so. */
  | { readonly kind: 'space'; readonly space: ColorSpace; readonly peak?: number | undefined };

/** A frame that does not fill the canvas of its animation; around it nothing is shown. */
export interface PlacedFrame {
  /** The frame as a file of its own. */
  readonly image: Buffer;
  readonly left: number;
  readonly top: number;
  readonly canvas: { readonly width: number; readonly height: number };
}
