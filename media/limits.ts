/**
 * What a picture or video may cost. Anything beyond is refused before it is
 * decoded; every figure can be set by the operator.
 */
export interface MediaLimits {
  /** Default 25 MB: the largest photo a phone or camera saves, with room. */
  readonly maxImageBytes: number;
  /** Default 500 MB: half an hour of 1080p at 2 Mbit/s. */
  readonly maxVideoBytes: number;
  /** Pixels of one frame. Default 50 million: 200 MB decoded, and above every common camera. */
  readonly maxImagePixels: number;
  /** Pixels of all frames of an animation. Default 200 million. */
  readonly maxAnimationPixels: number;
  /** The longer side in pixels. Default 16,384: what WebP and most decoders stop at. */
  readonly maxImageSide: number;
  /** Default 30 minutes. */
  readonly maxVideoMs: number;
  /** The longer side in pixels. Default 4,096: DCI 4K. */
  readonly maxVideoSide: number;
  /** Average frames a second. Default 60; one more is let pass, as cameras are not exact. */
  readonly maxVideoFps: number;
  /** Video, audio, subtitle and data streams together. Default 8. */
  readonly maxVideoStreams: number;
}

export const defaultMediaLimits: MediaLimits = {
  maxImageBytes: 25 * 1_048_576,
  maxVideoBytes: 500 * 1_048_576,
  maxImagePixels: 50_000_000,
  maxAnimationPixels: 200_000_000,
  maxImageSide: 16_384,
  maxVideoMs: 30 * 60_000,
  maxVideoSide: 4_096,
  maxVideoFps: 60,
  maxVideoStreams: 8,
};
