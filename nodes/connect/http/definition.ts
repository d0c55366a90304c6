import { z } from 'zod';
import type { DataType } from '../../../core/data-types/table.ts';
import { defineNode, type ConfigFinding } from '../../../core/node-type/definition.ts';
import { secretField, urlField } from '../../../core/node-type/schema-fields.ts';
import { parseTemplate } from '../../text/template/template.ts';
import { handlesOfRequest, hasBody, ownInputs, shapeOfRequest, textsOf } from './handles.ts';
import { placesIn, readJson, readLines, secretOf, secretRoot } from './request-text.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;
const bodies = ['none', 'json', 'text', 'form', 'multipart', 'file'] as const;
/** Kinds of body that are written into the field. */
const writtenBodies = ['json', 'text', 'form', 'multipart'] as const;
const answers = ['json', 'text', 'image', 'video', 'audio', 'file'] as const satisfies readonly DataType[];

const httpSchema = z.object({
  label: z.string().max(255).optional(),
  method: z.enum(methods).default('GET').meta({ title: 'Method', control: 'select' }),
  url: urlField({
    title: 'URL',
    placeholder: 'https://api.example.com/items/{{id}}',
    description: 'Each {{name}} becomes an input, here and in the fields below.',
  }),
  query: z.string().max(20_000).default('').meta({
    title: 'Query',
    control: 'textarea',
    placeholder: 'q={{query}}\nlimit=10',
    description: 'One name=value per line.',
    place: 'inspector',
  }),
  headers: z.string().max(20_000).default('').meta({
    title: 'Headers',
    control: 'textarea',
    placeholder: 'X-Api-Key: {{secret.MY_KEY}}',
    description: 'One "Name: value" per line. {{secret.NAME}} is one of your secrets.',
    place: 'inspector',
  }),
  auth: z
    .enum(['none', 'bearer', 'basic', 'header'])
    .default('none')
    .meta({
      title: 'Authentication',
      control: 'select',
      place: 'inspector',
      labels: { none: 'None', bearer: 'Bearer token', basic: 'User and password', header: 'Key in a header' },
    }),
  user: z
    .string()
    .max(255)
    .default('')
    .meta({
      title: 'User',
      control: 'text',
      place: 'inspector',
      shownWhen: { field: 'auth', values: ['basic'] },
    }),
  keyHeader: z
    .string()
    .max(255)
    .default('X-API-Key')
    .meta({
      title: 'Header of the key',
      control: 'text',
      place: 'inspector',
      shownWhen: { field: 'auth', values: ['header'] },
    }),
  secret: secretField({
    title: 'Secret',
    description: 'Saved under Settings, Your secrets; the workflow has its name alone.',
    place: 'inspector',
    shownWhen: { field: 'auth', values: ['bearer', 'basic', 'header'] },
  }),
  bodyType: z
    .enum(bodies)
    .default('none')
    .meta({
      title: 'Body',
      control: 'select',
      labels: {
        none: 'None',
        json: 'JSON',
        text: 'Text',
        form: 'Form',
        multipart: 'Form with files',
        file: 'File',
      },
      shownWhen: { field: 'method', values: ['POST', 'PUT', 'PATCH', 'DELETE'] },
    }),
  body: z
    .string()
    .max(200_000)
    .default('')
    .meta({
      title: 'Content',
      control: 'textarea',
      placeholder: '{ "text": "{{text}}" }',
      description:
        'JSON with its places in quotes: "{{count}}" alone stays a number. Forms: one name=value per line; a file goes where its input stands alone.',
      shownWhen: { field: 'bodyType', values: [...writtenBodies] },
    }),
  answer: z
    .enum(answers)
    .default('json')
    .meta({
      title: 'Answer',
      control: 'select',
      labels: { json: 'JSON', text: 'Text', image: 'Image', video: 'Video', audio: 'Audio', file: 'File' },
    }),
  failOnError: z.boolean().default(true).meta({ title: 'Fail on 4xx and 5xx', control: 'switch', place: 'inspector' }),
  repeat: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .meta({
      title: 'Try again',
      control: 'select',
      place: 'inspector',
      labels: { auto: 'Where it is safe', always: 'Always', never: 'Never' },
      description:
        'Safe: GET, HEAD, PUT and DELETE, and whatever was refused before anything was done (429, 503 with Retry-After, no connection). "Always" sends an Idempotency-Key.',
    }),
  timeLimit: z
    .number()
    .min(1)
    .max(540)
    .default(60)
    .meta({ title: 'Time limit', control: 'number', unit: 's', place: 'inspector' }),
});
/** The data of an `http` node. */
export type HttpConfig = z.output<typeof httpSchema>;

/** One request to a service on the web; see docs/nodes.md. */
export const httpNode = defineNode({
  type: 'http',
  version: 1,
  title: 'HTTP request',
  description: 'Calls a service on the web and gives its answer.',
  category: 'connect',
  keywords: ['api', 'rest', 'fetch', 'get', 'post', 'webhook', 'url', 'download', 'call', 'curl', 'request', 'json'],
  icon: 'globe',
  ...handlesOfRequest(shapeOfRequest.parse({})),
  handles: handlesOfRequest,
  configSchema: httpSchema,
  defaults: { label: 'HTTP request', method: 'GET', url: '', answer: 'json' },
  mainField: 'url',
  look: { height: 482, results: ['output'] },
  costClass: () => 'io',
  // A service can answer something else tomorrow.
  isDeterministic: () => false,
  check: (config, connected) => [
    ...(config.url.trim() === '' && !connected.has('url')
      ? [{ field: 'url', message: 'There is no URL yet. Enter one.' }]
      : []),
    ...textsOf(config).flatMap(([field, text]) => flawsOf(field, text)),
    ...readLines(config.query, '=').flaws.map(({ message }) => ({ field: 'query', message })),
    ...headerFindings(config),
    ...bodyFindings(config),
    ...(config.auth !== 'none' && config.secret === ''
      ? [{ field: 'secret', message: 'No secret is chosen. Choose one, or save one under Settings, Your secrets.' }]
      : []),
  ],
});

function flawsOf(field: string, text: string): ConfigFinding[] {
  const { flaws } = parseTemplate(text);
  const misused = placesIn(text).filter(
    (place) => ownInputs.has(place.name) || (place.name === secretRoot && secretOf(place) === null),
  );
  return [
    ...flaws.map(({ message, line, column }) => ({ field, message: `Line ${line}, column ${column}: ${message}` })),
    ...misused.map(({ name, line, column }) => ({
      field,
      message: `Line ${line}, column ${column}: ${
        name === secretRoot
          ? 'Name the secret, as in {{secret.MY_KEY}}.'
          : `"${name}" is an input already. Use another name.`
      }`,
    })),
  ];
}

/** Headers that frame a request are the connection's; the requester takes no other list than this one. */
const framing =
  /^(?:host|connection|keep-alive|proxy-.*|transfer-encoding|te|trailer|upgrade|expect|content-length|accept-encoding)$/i;
const headerName = /^[!#$%&'*+.^_`|~\w-]+$/;

function headerFindings({ headers, auth, keyHeader }: HttpConfig): ConfigFinding[] {
  const { lines, flaws } = readLines(headers, ':');
  const wrong = (name: string) =>
    !headerName.test(name)
      ? `"${name}" is not the name of a header. Write it as Name: value.`
      : framing.test(name)
        ? `The header "${name}" is set by the connection. Remove it.`
        : null;
  return [
    ...flaws.map(({ message }) => ({ field: 'headers', message })),
    ...lines.flatMap(({ name, line }) => {
      const message = wrong(name);
      return message === null ? [] : [{ field: 'headers', message: `Line ${line}: ${message}` }];
    }),
    ...(auth === 'header' && wrong(keyHeader) !== null
      ? [{ field: 'keyHeader', message: wrong(keyHeader) ?? '' }]
      : []),
  ];
}

function bodyFindings(config: HttpConfig): ConfigFinding[] {
  if (!hasBody(config)) return [];
  const { bodyType, body } = config;
  if (bodyType === 'json' && readJson(body) === null) {
    return [
      {
        field: 'body',
        message: 'The content is not JSON yet. Write places in quotes: "{{count}}" alone stays a number.',
      },
    ];
  }
  if (bodyType !== 'form' && bodyType !== 'multipart') return [];
  return readLines(body, '=').flaws.map(({ message }) => ({ field: 'body', message }));
}
