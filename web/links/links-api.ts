import { z } from 'zod';
import {
  appLinkListSchema,
  appLinkSchema,
  createdLinkSchema,
  type changeLinkBodySchema,
  type createLinkBodySchema,
} from '../../core/api/links.ts';
import { workflowInterfaceSchema } from '../../core/api/workflows.ts';
import type { ApiClient } from '../api/client.ts';

/** A link that is to be made. */
export type NewLink = z.input<typeof createLinkBodySchema>;
type LinkChange = z.input<typeof changeLinkBodySchema>;

/** Requests about the links to an app. All of them throw ApiError. */
export function linksApi({ request: call }: Pick<ApiClient, 'request'>) {
  return {
    list: async (workflowId: number) =>
      (await call(`/api/workflows/${workflowId}/links`, { schema: appLinkListSchema })).items,
    create: (workflowId: number, body: NewLink) =>
      call(`/api/workflows/${workflowId}/links`, { method: 'POST', body, schema: createdLinkSchema }),
    change: (id: string, body: LinkChange) =>
      call(`/api/links/${id}`, { method: 'PATCH', body, schema: appLinkSchema }),
    remove: (id: string) => call(`/api/links/${id}`, { method: 'DELETE', schema: z.undefined() }),
    /** Of what links run. */
    interfaceOf: (workflowId: number) =>
      call(`/api/workflows/${workflowId}/interface`, { schema: workflowInterfaceSchema }),
  };
}

/** What `linksApi` gives. */
export type LinksApi = ReturnType<typeof linksApi>;
