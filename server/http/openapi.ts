import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { problemSchema } from '../../core/api/common.ts';
import { namesWorkspace, workspaceQuerySchema } from './place.ts';
import type { AnyRoute } from './route.ts';

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

const security: Record<string, string[]>[] = [{ apiKey: [] }, { session: [] }];

/** Writes the OpenAPI 3.1 document of the given routes: generated from the very schemas that check the requests. */
export function openApiDocument(routes: readonly AnyRoute[], version: string, basePath = ''): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key: `hdl_` and 43 characters.',
  });
  registry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: 'heddle_session' });
  for (const route of routes) registry.registerPath(pathOf(route));
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Heddle',
      version,
      description:
        'Workflows, their runs and everything around them. Errors are RFC 9457 problem documents with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: basePath || '/' }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
  });
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path ?? {})) tidyParameters(operation);
  }
  return document;
}

function pathOf(route: AnyRoute): RouteConfig {
  const problem = { content: { 'application/problem+json': { schema: problemSchema } } };
  const responses: RouteConfig['responses'] = {};
  for (const [status, response] of Object.entries(route.responses)) {
    responses[status] = {
      description: response.description,
      ...(response.schema === undefined && response.contentType === undefined
        ? {}
        : { content: { [response.contentType ?? 'application/json']: { schema: response.schema ?? z.string() } } }),
    };
  }
  return {
    method: route.method,
    path: route.path.replaceAll(/:(\w+)/g, '{$1}'),
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    ...roleOf(route),
    security: route.auth === 'none' ? [] : security,
    request: {
      ...objectPart('params', route.params),
      ...objectPart('query', queryOf(route)),
      ...objectPart('headers', route.headers),
      ...bodyPart(route),
    },
    responses: { ...responses, default: { description: 'A problem; `code` says which.', ...problem } },
  };
}

/** The query of a route, with the workspace where one may be named. */
function queryOf(route: AnyRoute): z.ZodType | undefined {
  if (!namesWorkspace(route)) return route.query;
  return route.query instanceof z.ZodObject ? route.query.extend(workspaceQuerySchema.shape) : workspaceQuerySchema;
}

/** What it takes in a workspace, in words; nothing where it is about none. */
function roleOf({ auth, place }: AnyRoute): { description?: string } {
  return auth === 'none' || typeof place !== 'object'
    ? {}
    : { description: `Needs the role "${place.role}" in the workspace.` };
}

function objectPart(name: 'params' | 'query' | 'headers', schema: z.ZodType | undefined): Record<string, z.ZodObject> {
  return schema instanceof z.ZodObject ? { [name]: schema } : {};
}

function bodyPart(route: AnyRoute): Pick<NonNullable<RouteConfig['request']>, 'body'> {
  if (route.multipart !== undefined) {
    return { body: { required: true, content: { 'multipart/form-data': { schema: route.multipart } } } };
  }
  if (route.body === undefined) return {};
  const json = { 'application/json': { schema: route.body } };
  const form =
    route.readForm === undefined ? {} : { 'multipart/form-data': { schema: z.record(z.string(), z.string()) } };
  return { body: { required: route.isBodyOptional !== true, content: { ...json, ...form } } };
}

function operationId(route: AnyRoute): string {
  const words = route.path.split(/[/:.-]+/).filter((word) => word !== '' && word !== 'api');
  return [route.method, ...words].map((word, index) => (index === 0 ? word : capital(word))).join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/**
 * Parameters travel as text, so their schemas coerce, and a coercing schema
 * accepts a missing value: in the document a path parameter is required all
 * the same, and none is ever null.
 */
function tidyParameters(operation: unknown): void {
  const parsed = operationSchema.safeParse(operation);
  if (!parsed.success) return;
  for (const parameter of parsed.data.parameters) {
    if (parameter['in'] === 'path') parameter['required'] = true;
    const schema = parameter['schema'];
    if (typeof schema !== 'object' || schema === null || !('type' in schema) || !Array.isArray(schema.type)) continue;
    const types = schema.type.filter((type) => type !== 'null');
    Object.assign(schema, { type: types.length === 1 ? types[0] : types });
  }
}

/** Custom, so that the objects of the document itself come through and can be changed. */
const operationSchema = z.object({
  parameters: z.custom<Record<string, unknown>[]>((value) => Array.isArray(value)),
});
