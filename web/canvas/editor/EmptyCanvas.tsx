import { LayoutTemplate, Plus, Workflow } from 'lucide-react';
import { Button } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Kbd } from '../../ui/Kbd.tsx';

/** What a blank canvas says. */
export function EmptyCanvas({ onQuickAdd, onTemplates }: { onQuickAdd(): void; onTemplates(): void }) {
  return (
    <div className="pointer-events-none absolute inset-0 flex items-center justify-center">
      <div className="pointer-events-auto">
        <EmptyState
          icon={<Workflow size={20} aria-hidden />}
          title="This canvas is empty"
          actions={
            <>
              <Button variant="primary" onClick={onQuickAdd}>
                <Plus size={14} aria-hidden /> Add a node
              </Button>
              <Button onClick={onTemplates}>
                <LayoutTemplate size={14} aria-hidden /> Start from a template
              </Button>
            </>
          }
        >
          Drag a node from the left, drop an image or a video, or press <Kbd keys="N" />.
        </EmptyState>
      </div>
    </div>
  );
}
