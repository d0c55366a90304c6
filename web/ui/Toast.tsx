import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './Button.tsx';
import type { Notifier, ToastOptions } from './notify.ts';

const icons = {
  info: <Info size={16} className="text-muted" aria-hidden />,
  success: <CircleCheck size={16} className="text-status-completed" aria-hidden />,
  error: <CircleAlert size={16} className="text-danger" aria-hidden />,
};

type ToastManager = ReturnType<typeof Toast.createToastManager>;

function add(manager: ToastManager, { title, description, kind = 'info', action, timeoutMs }: ToastOptions): void {
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
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="toast popup mt-2 flex w-full items-start gap-2.5 rounded-lg border border-line bg-raised py-2.5 pr-2 pl-3 text-sm shadow-popup"
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

/** Shows the toasts of a notifier over the page. */
export function ToastArea({ notifier }: { notifier: Notifier }) {
  const [manager] = useState(() => Toast.createToastManager());
  useEffect(() => notifier.showBy((options) => add(manager, options)), [notifier, manager]);
  return (
    <Toast.Provider toastManager={manager} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-70 flex w-90 max-w-[calc(100vw-32px)] flex-col justify-end">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
