import { useQuery } from '@tanstack/react-query';
import type { Workflow } from '../../core/api/workflows.ts';
import { useApp } from '../api/context.ts';

/** Cache keys of what is known of versions. */
export const versionKeys = {
  live: (workflowId: number) => ['live', workflowId] as const,
  list: (workflowId: number) => ['versions', workflowId] as const,
  drafts: (workflowId: number) => ['kept-drafts', workflowId] as const,
};

/** What of a workflow is published. */
export type Published = Pick<Workflow, 'slug' | 'liveVersion' | 'liveDraftVersion'>;

/** What is published of an open workflow: as it was opened, until something here changes it. */
export function useLive(workflow: Workflow): { live: Published; refresh: () => void } {
  const { api, queries } = useApp();
  const queryKey = versionKeys.live(workflow.id);
  const { data } = useQuery({
    queryKey,
    queryFn: async (): Promise<Published> => publishedOf(await api.getWorkflow(workflow.id)),
    initialData: () => publishedOf(workflow),
    staleTime: Infinity,
  });
  const refresh = () => {
    for (const key of [queryKey, versionKeys.list(workflow.id), versionKeys.drafts(workflow.id)]) {
      void queries.invalidateQueries({ queryKey: key });
    }
  };
  return { live: data, refresh };
}

function publishedOf({ slug, liveVersion, liveDraftVersion }: Workflow): Published {
  return { slug, liveVersion, liveDraftVersion };
}
