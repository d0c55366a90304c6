import { useReactFlow } from '@xyflow/react';
import { useEffect, useRef } from 'react';
import { useConfig } from '../../api/context.ts';
import { isTyping } from '../../ui/keys.ts';
import { useEnvironment } from '../environment.ts';
import { middleOfView } from '../view/middle-of-view.ts';
import { takeInLater } from './take-in-later.ts';

/**
 * Copy, cut and paste through the system clipboard, as text: it works across
 * workflows, tabs and programs. Images, videos, their addresses and words can be pasted too.
 */
export function useClipboard(): void {
  const { store, catalogue, uploads, notify, isReadOnly } = useEnvironment();
  const limits = useConfig().data?.limits ?? null;
  const flow = useReactFlow();
  const pointer = useRef<{ x: number; y: number } | null>(null);

  useEffect(() => {
    const isElsewhere = (event: Event) => {
      const isMarking = (window.getSelection()?.toString() ?? '') !== '';
      // A message that pops up calls itself a dialog too, but takes no place over the canvas.
      const isInDialog = document.querySelector(':is([role="dialog"], [role="alertdialog"]):not(.toast)') !== null;
      return isTyping(event.target) || isInDialog || (event.type !== 'paste' && isMarking);
    };
    const onPointerMove = (event: PointerEvent) => {
      const isOverCanvas = event.target instanceof Element && event.target.closest('.react-flow') !== null;
      pointer.current = isOverCanvas ? { x: event.clientX, y: event.clientY } : null;
    };
    const onCopy = (event: ClipboardEvent) => {
      if (isElsewhere(event)) return;
      const text =
        event.type === 'cut' && !isReadOnly ? store.getState().cutSelection() : store.getState().copySelection();
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isElsewhere(event) || isReadOnly) return;
      const at = flow.screenToFlowPosition(pointer.current ?? middleOfView());
      if (event.clipboardData === null) return;
      if (takeInLater({ store, catalogue, uploads, notify, limits }, event.clipboardData, at)) event.preventDefault();
    };
    window.addEventListener('pointermove', onPointerMove);
    window.addEventListener('copy', onCopy);
    window.addEventListener('cut', onCopy);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('pointermove', onPointerMove);
      window.removeEventListener('copy', onCopy);
      window.removeEventListener('cut', onCopy);
      window.removeEventListener('paste', onPaste);
    };
  }, [store, catalogue, uploads, notify, limits, isReadOnly, flow]);
}
