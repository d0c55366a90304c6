import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

interface FacePeekProps {
  /** All words of a node's face, and its name; null where it shows no words. */
  wordsOf(nodeId: string): { readonly name: string; readonly words: string } | null;
}

interface Peek {
  readonly nodeId: string;
  /** In the window. */
  readonly left: number;
  readonly top: number;
  /** Grows upwards from `top` where there is no room below. */
  readonly isAbove: boolean;
}

/** A pointer that only passes by asks for nothing. */
const hoverMs = 350;
/** Width, and the height that has to be free below a node, in pixels. */
const size = { width: 340, height: 220 };
/** More than that is for the lightbox. */
const mostWords = 1_500;

/** The words of the node that has the pointer or the focus, readable, where its face has no room for all of them. */
export function FacePeek({ wordsOf }: FacePeekProps) {
  const [peek, setPeek] = useState<Peek | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (nodeId: string) => setPeek(placeOf(nodeId));
    const hide = () => {
      clearTimeout(timer);
      setPeek(null);
    };
    const onOver = ({ target, buttons }: PointerEvent) => {
      if (!(target instanceof Element) || target.closest('.face-peek') !== null) return;
      const nodeId = target.closest('.react-flow__node')?.getAttribute('data-id') ?? null;
      hide();
      if (nodeId !== null && buttons === 0) timer = setTimeout(() => show(nodeId), hoverMs);
    };
    const onFocus = ({ target }: FocusEvent) => {
      hide();
      const nodeId = target instanceof Element && target.matches('.react-flow__node:focus-visible') ? target : null;
      if (nodeId !== null) show(nodeId.getAttribute('data-id') ?? '');
    };
    const onKey = ({ key }: KeyboardEvent) => key === 'Escape' && hide();
    const listeners = new AbortController();
    const options = { signal: listeners.signal, capture: true, passive: true };
    document.addEventListener('pointerover', onOver, options);
    document.addEventListener('focusin', onFocus, options);
    document.addEventListener('focusout', hide, options);
    document.addEventListener('keydown', onKey, options);
    for (const event of ['pointerdown', 'wheel', 'blur']) window.addEventListener(event, hide, options);
    return () => {
      listeners.abort();
      clearTimeout(timer);
    };
  }, []);
  const face = peek === null ? null : wordsOf(peek.nodeId);
  if (peek === null || face === null) return null;
  const { left, top, isAbove } = peek;
  const words = face.words.length > mostWords ? `${face.words.slice(0, mostWords)}…` : face.words;
  return createPortal(
    <div
      role="tooltip"
      className="face-peek"
      style={{ left, width: size.width, ...(isAbove ? { bottom: innerHeight - top } : { top }) }}
    >
      <p className="font-semibold">{face.name}</p>
      <p className="mt-1 break-words whitespace-pre-wrap text-muted">{words}</p>
    </div>,
    document.body,
  );
}

/** Beside a node whose face is cut; null where all of it is seen. */
function placeOf(nodeId: string): Peek | null {
  const face = document.querySelector<HTMLElement>(`[data-face-of="${CSS.escape(nodeId)}"]`);
  const shown = face?.querySelector<HTMLElement>('.far-face-words');
  // Lines that have no room begin further columns.
  if (face === null || shown == null || (shown.scrollWidth <= shown.clientWidth && !('cut' in shown.dataset)))
    return null;
  const { left, top, bottom } = face.getBoundingClientRect();
  const isAbove = bottom + size.height > innerHeight && top > size.height;
  return {
    nodeId,
    left: Math.max(8, Math.min(left, innerWidth - size.width - 8)),
    top: isAbove ? top : bottom,
    isAbove,
  };
}
