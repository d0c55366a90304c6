import { z } from 'zod';
import {
  callbackListSchema,
  callbackMessageSchema,
  callbackMessagesSchema,
  callbackSchema,
  createdCallbackSchema,
  newCallbackSecretSchema,
  type CallbackEvent,
} from '../../core/api/callbacks.ts';
import { previewScheduleSchema } from '../../core/api/schedules.ts';
import { fireDetailSchema, triedMappingSchema, triggerFiresSchema } from '../../core/api/trigger-fires.ts';
import {
  createdTriggerSchema,
  type createTriggerBodySchema,
  type changeTriggerBodySchema,
  triggerListSchema,
  triggerSchema,
  watchedFoldersSchema,
} from '../../core/api/triggers.ts';
import { changedSecretSchema, deliveryAnswerSchema } from '../../core/api/webhooks.ts';
import { workflowInterfaceSchema } from '../../core/api/workflows.ts';
import type { ApiClient } from '../api/client.ts';

/** 204: there is no body. */
const nothing = z.undefined();

export type NewTriggerBody = z.input<typeof createTriggerBodySchema>;
export type TriggerChange = z.input<typeof changeTriggerBodySchema>;

/** Requests about what starts workflows, and whom their runs are told to. All of them throw ApiError. */
export function triggersApi({ request: call }: Pick<ApiClient, 'request'>) {
  const trigger = (id: string) => `/api/triggers/${id}`;
  return {
    list: async (workflowId: number) =>
      (await call(`/api/workflows/${workflowId}/triggers`, { schema: triggerListSchema })).items,
    create: (workflowId: number, body: NewTriggerBody) =>
      call(`/api/workflows/${workflowId}/triggers`, { method: 'POST', body, schema: createdTriggerSchema }),
    change: (id: string, body: TriggerChange) => call(trigger(id), { method: 'PATCH', body, schema: triggerSchema }),
    remove: (id: string) => call(trigger(id), { method: 'DELETE', schema: nothing }),
    fires: (id: string, limit = 10) => call(`${trigger(id)}/fires?limit=${limit}`, { schema: triggerFiresSchema }),
    preview: (body: { cron: string; timeZone: string }, signal: AbortSignal) =>
      call('/api/schedules/preview', { method: 'POST', body, signal, schema: previewScheduleSchema }),
    changeSecret: async (id: string) =>
      (await call(`${trigger(id)}/secret`, { method: 'POST', body: {}, schema: changedSecretSchema })).secret,
    endOldSecret: (id: string) => call(`${trigger(id)}/old-secret`, { method: 'DELETE', schema: nothing }),
    fire: (id: string) => call(`/api/trigger-fires/${id}`, { schema: fireDetailSchema }),
    tryMapping: (id: string, mapping: Readonly<Record<string, string>>) =>
      call(`/api/trigger-fires/${id}/try`, { method: 'POST', body: { mapping }, schema: triedMappingSchema }),
    replay: (id: string) =>
      call(`/api/trigger-fires/${id}/replay`, { method: 'POST', body: {}, schema: deliveryAnswerSchema }),
    /** The folders whose new files may start this workspace's workflows. */
    folders: async (workspaceId: string | undefined) => {
      const query = workspaceId === undefined ? '' : `?workspaceId=${encodeURIComponent(workspaceId)}`;
      return (await call(`/api/watched-folders${query}`, { schema: watchedFoldersSchema })).items;
    },
    /** Of what triggers run. */
    interfaceOf: (workflowId: number) =>
      call(`/api/workflows/${workflowId}/interface`, { schema: workflowInterfaceSchema }),
    callbacks: async (workflowId: number) =>
      (await call(`/api/workflows/${workflowId}/callbacks`, { schema: callbackListSchema })).items,
    createCallback: (workflowId: number, body: { url: string; events: CallbackEvent[] }) =>
      call(`/api/workflows/${workflowId}/callbacks`, { method: 'POST', body, schema: createdCallbackSchema }),
    changeCallback: (id: string, body: { enabled: boolean }) =>
      call(`/api/callbacks/${id}`, { method: 'PATCH', body, schema: callbackSchema }),
    changeCallbackSecret: async (id: string) =>
      (await call(`/api/callbacks/${id}/secret`, { method: 'POST', schema: newCallbackSecretSchema })).secret,
    endOldCallbackSecret: (id: string) =>
      call(`/api/callbacks/${id}/old-secret`, { method: 'DELETE', schema: nothing }),
    removeCallback: (id: string) => call(`/api/callbacks/${id}`, { method: 'DELETE', schema: nothing }),
    messages: async (id: string) =>
      (await call(`/api/callbacks/${id}/messages`, { schema: callbackMessagesSchema })).items,
    replayMessage: (id: string) =>
      call(`/api/callback-messages/${id}/replay`, { method: 'POST', body: {}, schema: callbackMessageSchema }),
  };
}

/** The requests by name. */
export type TriggersApi = ReturnType<typeof triggersApi>;
