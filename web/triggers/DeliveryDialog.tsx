import { useQuery } from '@tanstack/react-query';
import { Dialog } from '../ui/Dialog.tsx';
import { formatBytes } from '../ui/format.ts';
import type { TriggerTools } from './use-triggers.ts';

/** What arrived, and the inputs that the mapping makes of it. */
export function DeliveryDialog({
  fireId,
  mapping,
  tools,
  onClose,
}: {
  fireId: string;
  mapping: Readonly<Record<string, string>>;
  tools: TriggerTools;
  onClose(): void;
}) {
  const fire = useQuery({ queryKey: ['delivery', fireId], queryFn: () => tools.api.fire(fireId) });
  const isKept = fire.data?.delivery != null;
  const tried = useQuery({
    queryKey: ['delivery', fireId, 'tried', mapping],
    queryFn: () => tools.api.tryMapping(fireId, mapping),
    enabled: isKept,
    retry: false,
  });
  const delivery = fire.data?.delivery;
  const error = fire.error ?? tried.error;
  return (
    <Dialog open title="Delivery" width={680} onClose={onClose}>
      {error !== null && <p className="text-danger">{error.message}</p>}
      {fire.isPending && <div className="skeleton h-32" />}
      {delivery === null && <p className="text-muted">What arrived is no longer kept.</p>}
      {delivery != null && (
        <div className="flex flex-col gap-3 pb-3">
          <Part title="Inputs that the mapping makes of it" value={tried.data?.inputs} />
          {tried.data?.findings.map(({ message, path }) => (
            <p key={`${path} ${message}`} className="text-xs text-danger">
              {message}
            </p>
          ))}
          <Part title={`Body, ${formatBytes(delivery.bytes)}`} value={delivery.body} />
          {Object.keys(delivery.files).length > 0 && <Part title="Files" value={delivery.files} />}
          <Part title="Query" value={delivery.query} />
          <Part title="Headers" value={delivery.headers} />
        </div>
      )}
    </Dialog>
  );
}

function Part({ title, value }: { title: string; value: unknown }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1 text-xs font-medium text-muted">{title}</h3>
      <pre className="max-h-60 overflow-auto rounded-md border border-line bg-field p-2 text-xs break-words whitespace-pre-wrap">
        {typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')}
      </pre>
    </section>
  );
}
