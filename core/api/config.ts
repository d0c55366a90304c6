import { z } from 'zod';

const rateSchema = z.object({
  /** Requests at once. */
  burst: z.number(),
  perSecond: z.number(),
});

/** How long one provider is waited for. */
const modelWaitsSchema = z.object({ firstByteMs: z.number().int(), totalMs: z.number().int() });

/** Every limit in force, as `GET /api/limits` shows it. Units are in the names: bytes, milliseconds. */
export const limitsSchema = z
  .object({
    json: z.object({
      maxBytes: z.number().int(),
      maxDepth: z.number().int(),
      maxKeys: z.number().int(),
      maxValues: z.number().int(),
      maxStringBytes: z.number().int(),
    }),
    graph: z.object({
      maxBytes: z.number().int(),
      maxNodes: z.number().int(),
      maxEdges: z.number().int(),
      maxChain: z.number().int(),
      maxFanOut: z.number().int(),
    }),
    upload: z.object({ maxBytes: z.number().int() }),
    /** Of one file, wherever it comes from. */
    media: z.object({
      maxImageBytes: z.number().int(),
      maxVideoBytes: z.number().int(),
      maxImagePixels: z.number().int(),
      maxAnimationPixels: z.number().int(),
      maxImageSide: z.number().int(),
      maxVideoMs: z.number().int(),
      maxVideoSide: z.number().int(),
      maxVideoFps: z.number(),
      maxVideoStreams: z.number().int(),
      maxAudioBytes: z.number().int(),
      maxAudioMs: z.number().int(),
      maxFileBytes: z.number().int(),
    }),
    storage: z.object({ maxBytesPerUser: z.number().int(), maxFilesPerUser: z.number().int() }),
    /** What workflows, their versions and finished runs of one user may take in the database. */
    data: z.object({ maxBytesPerUser: z.number().int(), maxWorkflowsPerUser: z.number().int() }),
    /** Of one download from an address that a user gives. */
    fetch: z.object({
      connectTimeoutMs: z.number().int(),
      headersTimeoutMs: z.number().int(),
      idleTimeoutMs: z.number().int(),
      totalTimeoutMs: z.number().int(),
      maxRedirects: z.number().int(),
    }),
    /** Of one node of a run. */
    nodes: z.object({
      timeoutMs: z.number().int(),
      maxOutputBytes: z.number().int(),
      /** Deaths of workers on one node until it fails. */
      maxCrashes: z.number().int(),
      maxTries: z.number().int(),
    }),
    /** Of one call of a model. */
    models: z.object({
      firstByteMs: z.number().int(),
      totalMs: z.number().int(),
      listMs: z.number().int(),
      maxOutputBytes: z.number().int(),
      gemini: modelWaitsSchema,
      openai: modelWaitsSchema,
    }),
    runs: z.object({
      /** Runs of one user that are under way at once; more of them wait. */
      maxActivePerUser: z.number().int(),
      maxWaitingPerUser: z.number().int(),
      /** Of all users together. */
      maxWaiting: z.number().int(),
      timeoutMs: z.number().int(),
      /** What a workflow may set in the place of `timeoutMs` at most. */
      maxTimeoutMs: z.number().int(),
      /** Elements of a list that nodes are executed once for each of. */
      maxElements: z.number().int(),
      /** Node executions that lists come to in one run. */
      maxExecutions: z.number().int(),
    }),
    /** What one user, or one address, may do in a time. */
    rates: z.object({
      api: rateSchema,
      files: rateSchema,
      address: rateSchema,
      badCredential: rateSchema,
      signIn: rateSchema,
      signInAddress: rateSchema,
      signInAccount: rateSchema,
      runStart: rateSchema,
    }),
    sockets: z.object({
      maxSocketsPerUser: z.number().int(),
      maxSubscriptions: z.number().int(),
      maxMessageBytes: z.number().int(),
      maxJoins: z.number().int(),
      joinWindowMs: z.number().int(),
      /** Messages of one connection at once, and how many more a second. */
      maxMessages: z.number().int(),
      messagesPerSecond: z.number().int(),
    }),
    http: z.object({
      headersTimeoutMs: z.number().int(),
      bodyTimeoutMs: z.number().int(),
      requestTimeoutMs: z.number().int(),
      keepAliveTimeoutMs: z.number().int(),
      maxHeaderBytes: z.number().int(),
      maxConnections: z.number().int(),
      maxConnectionsPerAddress: z.number().int(),
      maxConnectionsPerWideNetwork: z.number().int(),
    }),
  })
  .meta({ id: 'Limits' });
export type Limits = z.infer<typeof limitsSchema>;

/** What the web app needs before anybody is signed in. */
export const clientConfigSchema = z
  .object({
    name: z.literal('heddle'),
    version: z.string(),
    auth: z.object({
      mode: z.enum(['local', 'clerk']),
      publishableKey: z.string().nullable(),
      /** Identity providers that people may sign in with, at `/api/auth/oidc/<id>/start`. */
      providers: z.array(z.object({ id: z.string(), name: z.string() })),
    }),
    /** True where `npm start` runs everything on this machine. */
    embedded: z.boolean(),
    /** For those who are signed in; the same as `/api/limits`. */
    limits: limitsSchema.optional(),
  })
  .meta({ id: 'ClientConfig' });

/** What `GET /api/openapi.json` answers: a document of OpenAPI 3.1. */
export const openApiDocumentSchema = z.record(z.string(), z.unknown());
