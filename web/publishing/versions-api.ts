import {
  keptDraftsSchema,
  liveBodySchema,
  publishedVersionDetailSchema,
  publishedVersionPageSchema,
  publishResultSchema,
  slugBodySchema,
} from '../../core/api/versions.ts';
import { workflowSchema } from '../../core/api/workflows.ts';
import type { ApiClient } from '../api/client.ts';

/** Requests about the versions of workflows. All of them throw ApiError. */
export function versionsApi({ request: call }: Pick<ApiClient, 'request'>) {
  const of = (id: number) => `/api/workflows/${id}`;
  return {
    publish: (id: number, body: { note: string; slug?: string; draftVersion: number }) =>
      call(`${of(id)}/publish`, { method: 'POST', body, schema: publishResultSchema }),
    list: (id: number, cursor: string | null) =>
      call(`${of(id)}/versions?limit=30${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, {
        schema: publishedVersionPageSchema,
      }),
    get: (id: number, version: number) =>
      call(`${of(id)}/versions/${version}`, { schema: publishedVersionDetailSchema }),
    drafts: async (id: number) => (await call(`${of(id)}/drafts`, { schema: keptDraftsSchema })).items,
    setLive: (id: number, version: number) =>
      call(`${of(id)}/live`, { method: 'PUT', body: { version }, schema: liveBodySchema }),
    setSlug: (id: number, slug: string) =>
      call(`${of(id)}/slug`, { method: 'PUT', body: { slug }, schema: slugBodySchema }),
    restore: (id: number, body: { version?: number; draftId?: string; draftVersion: number }) =>
      call(`${of(id)}/restore`, { method: 'POST', body, schema: workflowSchema }),
  };
}
