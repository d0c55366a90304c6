import { z } from 'zod';
import { defineNode, type ConfigFinding } from '../../../core/node-type/definition.ts';
import { secretField, urlField } from '../../../core/node-type/schema-fields.ts';
import { parseTemplate } from '../../text/template/template.ts';
import { handlesOfSave, shapeOfSave } from './handles.ts';

const inFiles = { field: 'to', values: ['folder', 's3'] };
const inS3 = { field: 'to', values: ['s3'] };

const saveSchema = z.object({
  label: z.string().max(255).optional(),
  to: z
    .enum(['folder', 's3', 'webhook'])
    .default('folder')
    .meta({
      title: 'Save to',
      control: 'select',
      labels: { folder: 'Folder of the server', s3: 'S3 bucket', webhook: 'Webhook' },
    }),
  folder: z
    .string()
    .max(100)
    .default('')
    .meta({
      title: 'Folder',
      control: 'text',
      placeholder: 'reports',
      description: 'By its name in SAVE_FOLDERS; whoever runs the server sets it.',
      shownWhen: { field: 'to', values: ['folder'] },
    }),
  endpoint: urlField({
    title: 'S3 server',
    placeholder: 'https://s3.eu-central-1.amazonaws.com',
    shownWhen: inS3,
  }),
  region: z.string().max(50).default('us-east-1').meta({ title: 'Region', control: 'text', shownWhen: inS3 }),
  bucket: z.string().max(63).default('').meta({ title: 'Bucket', control: 'text', shownWhen: inS3 }),
  accessKeyId: z.string().max(128).default('').meta({ title: 'Access key id', control: 'text', shownWhen: inS3 }),
  url: urlField({
    title: 'URL',
    placeholder: 'https://example.org/hooks/results',
    shownWhen: { field: 'to', values: ['webhook'] },
  }),
  secret: secretField({
    title: 'Secret',
    description: 'The secret access key, or what the webhook is signed with.',
    shownWhen: { field: 'to', values: ['s3', 'webhook'] },
  }),
  name: z.string().max(500).default('{{execution}}.{{extension}}').meta({
    title: 'Name',
    control: 'text',
    placeholder: 'photos/{{title}}.{{extension}}',
    description: 'Each {{name}} becomes an input; {{extension}} and {{execution}} are known. A / makes folders.',
    shownWhen: inFiles,
  }),
  existing: z
    .enum(['number', 'replace', 'fail'])
    .default('number')
    .meta({
      title: 'If there is one',
      control: 'select',
      place: 'inspector',
      labels: { number: 'Add a number', replace: 'Replace it', fail: 'Fail' },
      shownWhen: inFiles,
    }),
});
/** The data of a `save` node. */
export type SaveConfig = z.output<typeof saveSchema>;

/** Puts a result where others find it: once for each execution, however often it is tried. */
export const saveNode = defineNode({
  type: 'save',
  version: 1,
  title: 'Save',
  description: 'Saves a result to a folder or an S3 bucket, or sends it to a webhook.',
  category: 'connect',
  keywords: [
    'export',
    'write',
    'store',
    'disk',
    'folder',
    'directory',
    's3',
    'bucket',
    'upload',
    'deliver',
    'webhook',
    'send',
  ],
  icon: 'save',
  ...handlesOfSave(shapeOfSave.parse({})),
  handles: handlesOfSave,
  configSchema: saveSchema,
  defaults: { label: 'Save', to: 'folder', folder: '', name: '{{execution}}.{{extension}}' },
  mainField: 'name',
  look: { height: 438 },
  costClass: () => 'io',
  // It is done each time: that is what it is for.
  isDeterministic: () => false,
  check: (config) => [...missing(config), ...(config.to === 'webhook' ? [] : nameFindings(config.name))],
});

function* missing(config: SaveConfig): Generator<ConfigFinding> {
  const needed = {
    folder: ['folder'],
    s3: ['endpoint', 'region', 'bucket', 'accessKeyId', 'secret'],
    webhook: ['url', 'secret'],
  } as const;
  for (const field of needed[config.to]) {
    if (config[field].trim() === '') yield { field, message: 'This is empty. Enter it.' };
  }
}

function nameFindings(name: string): ConfigFinding[] {
  const { flaws, parts } = parseTemplate(name);
  const written = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('');
  const isBad =
    written.split('/').some((part) => part === '' || part === '.' || part === '..') || /[\\:\p{Cc}]/u.test(written);
  return [
    ...flaws.map(({ message }) => ({ field: 'name', message })),
    ...(isBad
      ? [{ field: 'name', message: 'This is not a file name. Write one such as photos/{{title}}.{{extension}}.' }]
      : []),
  ];
}
