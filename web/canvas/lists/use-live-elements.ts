import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import type { partPageSchema } from '../../../core/api/parts.ts';
import { partEventSchema, type PartEvent } from '../../../core/events/part-event.ts';
import { useEnvironment } from '../environment.ts';
import { isOpen, type ListExecution } from './list-words.ts';

type PartPages = InfiniteData<z.infer<typeof partPageSchema>>;

/** What came of elements is read again so long after the first word of a change, in milliseconds. */
const readAfterMs = 500;

/** Keeps the elements of a list as the server tells of them: how each stands at once, what came of it a moment later. */
export function useLiveElements(execution: ListExecution, queryKey: readonly unknown[]): void {
  const { followParts } = useEnvironment();
  const client = useQueryClient();
  const { runId, nodeId, partId } = execution;
  const isUnderWay = isOpen(execution);
  const name = JSON.stringify(queryKey);
  useEffect(() => {
    if (!isUnderWay) return undefined;
    const key = JSON.parse(name) as readonly unknown[];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const readSoon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: key });
      }, readAfterMs);
    };
    const unfollow = followParts({ runId, nodeId, partId }, (content) => {
      const event = partEventSchema.safeParse(content).data;
      if (content !== undefined && (event === undefined || event.runId !== runId || event.nodeId !== nodeId)) return;
      if (event?.type === 'part.updated')
        client.setQueryData<PartPages>(key, (pages) => (pages === undefined ? pages : withPart(pages, event)));
      readSoon();
    });
    return () => {
      clearTimeout(timer);
      unfollow();
    };
  }, [client, followParts, isUnderWay, name, nodeId, partId, runId]);
}

/** The pages with the state of one element as it is now; one that is on none of them changes nothing. */
export function withPart(pages: PartPages, event: Extract<PartEvent, { type: 'part.updated' }>): PartPages {
  const { id, status, label, error } = event;
  if (!pages.pages.some(({ items }) => items.some((part) => part.id === id))) return pages;
  return {
    ...pages,
    pages: pages.pages.map((page) => ({
      ...page,
      items: page.items.map((part) => (part.id === id ? { ...part, status, label, error } : part)),
    })),
  };
}
