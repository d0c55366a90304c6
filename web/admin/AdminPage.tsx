import { PageFrame } from '../shell/PageFrame.tsx';
import { Queues } from './Queues.tsx';
import { Workers } from './Workers.tsx';

/** Who works, what waits and what failed, for the owner of the installation. */
export function AdminPage() {
  return (
    <PageFrame title="Workers and queues">
      <h1 className="mb-5 text-lg font-semibold">Workers and queues</h1>
      <div className="flex flex-col gap-6">
        <Workers />
        <Queues />
      </div>
    </PageFrame>
  );
}
