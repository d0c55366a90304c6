import type { WorkflowInterface } from './json-schema.ts';

type Json = Readonly<Record<string, unknown>>;

/** What the contract of one workflow is made of. */
export interface ContractOf {
  readonly name: string;
  readonly slug: string;
  /** Number of the published version. */
  readonly version: number;
  readonly contract: WorkflowInterface;
  /** Where the server is: an address, or a path on it. */
  readonly server: string;
  /** The schemas of the installation's own document by name, of which `Run` and `Problem` are used with what they refer to. */
  readonly schemas: Readonly<Record<string, unknown>>;
}

/** The OpenAPI 3.1 document of one workflow: how to run it by name, with its own inputs and outputs. */
export function contractDocument({ name, slug, version, contract, server, schemas }: ContractOf): Json {
  const inputs = plainObject(contract.inputs);
  const outputs = plainObject(contract.outputs);
  const isRequired = Array.isArray(inputs['required']) && inputs['required'].length > 0;
  const run = schemas['Run'] as { readonly properties: Json };
  const own = {
    Inputs: inputs,
    Outputs: outputs,
    Start: {
      type: 'object',
      properties: {
        inputs: ref('Inputs'),
        useCache: {
          type: 'boolean',
          description: 'Whether earlier results may stand in. Default: yes for deterministic nodes, no for the others.',
        },
      },
      ...(isRequired && { required: ['inputs'] }),
      additionalProperties: false,
    },
    Run: {
      ...run,
      properties: {
        ...run.properties,
        inputs: { type: 'object', description: 'As this run has them; files by their address.' },
        outputs: { ...ref('Outputs'), description: 'What has arrived so far.' },
      },
    },
  };
  return {
    openapi: '3.1.0',
    info: {
      title: name,
      version: String(version),
      description: `Runs version ${version} of the workflow "${name}", or another one by its number.`,
    },
    servers: [{ url: server }],
    tags: [{ name: 'Runs', description: 'Runs of this workflow.' }],
    paths: { [`/api/w/${slug}/run`]: { post: startOperation(slug, isRequired, inputs) } },
    components: {
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `hdl_` and 43 characters.' },
      },
      schemas: { ...own, ...used({ ...own, Problem: schemas['Problem'] }, schemas) },
    },
  };
}

function startOperation(slug: string, isRequired: boolean, inputs: Json): Json {
  const problem = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: ref('Problem') } },
  });
  return {
    operationId: `run_${slug.replaceAll('-', '_')}`,
    tags: ['Runs'],
    summary: 'Start a run',
    security: [{ apiKey: [] }],
    parameters: [
      {
        name: 'wait',
        in: 'query',
        description: 'Seconds to wait for the end of the run before answering.',
        schema: { type: 'number', minimum: 0, maximum: 60, default: 0 },
      },
      {
        name: 'version',
        in: 'query',
        description: 'Number of a published version. Default: that which is live.',
        schema: { type: 'integer', minimum: 1 },
      },
      {
        name: 'Idempotency-Key',
        in: 'header',
        description: 'Repeating a request with the same key gives the first run instead of a second one.',
        schema: { type: 'string', minLength: 1, maxLength: 255 },
      },
    ],
    requestBody: {
      required: isRequired,
      content: {
        'application/json': { schema: ref('Start') },
        'multipart/form-data': { schema: formOf(inputs) },
      },
    },
    responses: {
      200: {
        description:
          'With `Accept: text/event-stream`: the run (`run`), its events by their types, and the run at its end (`done`).',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      202: {
        description: 'The run is durable; with `wait` it is as it was at its end, if that came in time.',
        content: { 'application/json': { schema: ref('Run') } },
      },
      401: problem('No credential, or one that does not count.'),
      404: problem('There is no such workflow, or no such version of it.'),
      422: problem('Inputs are unknown, missing or wrong; `errors` has the path of each.'),
      429: problem('Too many requests or runs; `Retry-After` says when to come again.'),
      default: problem('Another problem; `code` says which.'),
    },
  };
}

/** Each input as a part of its own: files as files, all else as text. */
function formOf(inputs: Json): Json {
  const properties = Object.entries(inputs['properties'] as Readonly<Record<string, Json>>).map(([name, schema]) => [
    name,
    schema['x-data-type'] === undefined ? schema : { description: schema['description'] ?? schema['title'] ?? name },
  ]);
  return {
    type: 'object',
    properties: { ...Object.fromEntries(properties), inputs: ref('Inputs') },
    description: 'Inputs as parts by name, files among them; the part `inputs` may have others as JSON.',
  };
}

function ref(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** A schema of an interface without what is for forms alone; our own words are marked as such. */
function plainObject(schema: Json): Json {
  const { $schema: _dialect, properties, ...rest } = schema;
  const plain = Object.entries(properties as Readonly<Record<string, Json>>).map(([name, value]) => [
    name,
    plainValue(value),
  ]);
  return { ...rest, properties: Object.fromEntries(plain) };
}

function plainValue(schema: Json): Json {
  const { control: _control, exact: _exact, hidden, dataType, formats, maxBytes, items, ...rest } = schema;
  return {
    ...rest,
    ...(items !== undefined && { items: plainValue(items as Json) }),
    ...(hidden !== undefined && { 'x-hidden': hidden }),
    ...(dataType !== undefined && { 'x-data-type': dataType }),
    ...(formats !== undefined && { 'x-formats': formats }),
    ...(maxBytes !== undefined && { 'x-max-bytes': maxBytes }),
  };
}

/** The schemas that others refer to, and that these refer to. */
function used(from: Json, schemas: Readonly<Record<string, unknown>>): Json {
  const found: Record<string, unknown> = {};
  const look = (value: unknown) => {
    for (const [, name = ''] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (name in from || name in found || !(name in schemas)) continue;
      found[name] = schemas[name];
      look(schemas[name]);
    }
  };
  found['Problem'] = schemas['Problem'];
  for (const value of Object.values(from)) look(value);
  return found;
}
