/** A secret of a user, opened. */
export interface Secret {
  readonly name: string;
  readonly value: string;
  /** Where it may be sent: `host`, or `host:port` where the port is not that of the scheme. */
  readonly hosts: readonly string[];
}

/** One part of a form: a text, or a local file. */
export type WebPart =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly file: string; readonly fileName: string; readonly mimeType: string };

/** What is sent along: a text, the bytes of a local file, or a form in parts. */
export type WebBody =
  | { readonly kind: 'text'; readonly text: string; readonly mimeType: string }
  | { readonly kind: 'file'; readonly file: string; readonly mimeType: string }
  | { readonly kind: 'parts'; readonly parts: readonly WebPart[] };

/** One request to an address that a user gives. */
export interface WebRequest {
  readonly method: string;
  readonly url: string;
  /** By name, in any case. Those that frame a request (Host, Content-Length, …) are not taken. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Default: nothing is sent along. */
  readonly body?: WebBody;
  /** The secrets that stand in it: it goes to their hosts alone, and they are taken out of what is answered in words. */
  readonly secrets: readonly Secret[];
  /**
   * After which failures it may be made again: `always` where to do it twice does the same as to do it once, `unsent` where
   * it must have failed before it was sent, or `never`.
   */
  readonly repeat: 'always' | 'unsent' | 'never';
}

/** What was answered; the body is read once, or not at all. */
export interface WebAnswer {
  readonly status: number;
  /** By name in small letters; several of one name joined by `, `. Without Set-Cookie, and without the secrets of the request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where it came from in the end: the host. */
  readonly host: string;
  /** Milliseconds to wait by `Retry-After`; null where it says nothing. */
  readonly retryAfterMs: number | null;
  /** The bytes, unpacked. Throws as `request` does. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The body as text, by its character set, without the secrets of the request. Throws NODE_OUTPUT_TOO_LARGE. */
  text(maxBytes: number): Promise<string>;
  /** What an error answer says, in one line; empty where it says nothing. In place of reading the body. */
  words(): Promise<string>;
}

/** The web as nodes may reach it: public addresses, and what the operator allows. */
export interface WebTools {
  /** The user's secrets of these names. Throws SECRET_NOT_FOUND for one that there is not. */
  secrets(names: readonly string[]): Promise<ReadonlyMap<string, Secret>>;
  /**
   * Makes a request, follows redirects, and gives the answer to `read`; the connection is closed when that ends. Throws
   * URL_* and TOO_MANY_REDIRECTS as terminal, and HTTP_TIMEOUT and HTTP_FAILED where the connection broke: retryable where
   * `repeat` allows it, else terminal. An abort throws the signal's reason. Answers of any
   * status are answers.
   */
  request<Result>(
    request: WebRequest,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
    read: (answer: WebAnswer) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Opens a WebSocket at an http or https address and gives out the texts that come, until `onText` gives false, `forMs`
   * milliseconds are over or the other side ends it; nothing is sent, redirects are not followed. A connection that cannot be
   * opened or breaks ends it as well. Throws URL_*; an abort throws the signal's reason.
   */
  listen(
    request: Pick<WebRequest, 'url' | 'headers' | 'secrets'>,
    options: { readonly forMs: number; readonly signal: AbortSignal },
    onText: (text: string) => boolean,
  ): Promise<void>;
}
