import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';

export interface ToastOptions {
  title: string;
  description?: string;
  kind?: 'info' | 'success' | 'error';
  action?: { label: string; onSelect(): void };
  /** Milliseconds on screen; 0 keeps it until closed. Default 5000, errors 9000. */
  timeoutMs?: number;
}

export type Notify = (options: ToastOptions) => void;

const icons = {
  info: <Info size={16} className="text-muted" aria-hidden />,
  success: <CircleCheck size={16} className="text-status-completed" aria-hidden />,
  error: <CircleAlert size={16} className="text-danger" aria-hidden />,
};

/** A way to show toasts that works outside of components too. */
export function createNotifier(): { manager: ReturnType<typeof Toast.createToastManager>; notify: Notify } {
  const manager = Toast.createToastManager();
  return {
    manager,
    notify: ({ title, description, kind = 'info', action, timeoutMs }) => {
      const id = manager.add({
        title,
        description,
        type: kind,
        // Errors stay longer: there is more to read.
        timeout: timeoutMs ?? (kind === 'error' ? 9_000 : 5_000),
        priority: kind === 'error' ? 'high' : 'low',
        actionProps:
          action === undefined
            ? undefined
            : {
                children: action.label,
                onClick: () => {
                  action.onSelect();
                  manager.close(id);
                },
              },
      });
    },
  };
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="popup mt-2 flex w-full items-start gap-2.5 rounded-lg border border-line bg-raised py-2.5 pr-2 pl-3 text-sm shadow-popup"
    >
      <span className="pt-0.5">{icons[(toast.type as keyof typeof icons | undefined) ?? 'info']}</span>
      <div className="min-w-0 flex-1">
        <Toast.Title className="font-medium" />
        <Toast.Description className="text-xs break-words text-muted" />
      </div>
      {toast.actionProps !== undefined && (
        <Toast.Action className="rounded-md px-2 py-0.5 font-medium text-accent-text hover:bg-hover" />
      )}
      <Toast.Close
        render={
          <IconButton label="Dismiss" size="sm">
            <X size={14} />
          </IconButton>
        }
      />
    </Toast.Root>
  ));
}

/** Shows the toasts of one notifier over the page. */
export function ToastArea({
  manager,
  children,
}: {
  manager: ReturnType<typeof Toast.createToastManager>;
  children: ReactNode;
}) {
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-70 flex w-90 max-w-[calc(100vw-32px)] flex-col justify-end">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
