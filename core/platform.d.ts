export {};

declare global {
  /**
   * The one platform type that core's contracts mention. Node and browsers both
   * have it; core is compiled with neither, so that nothing else slips in.
   */
  interface AbortSignal {
    readonly aborted: boolean;
    readonly reason: unknown;
    addEventListener(type: 'abort', listener: () => void): void;
    removeEventListener(type: 'abort', listener: () => void): void;
  }
}
