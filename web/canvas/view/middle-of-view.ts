/** The middle of the canvas on the screen, in client coordinates; the corner of the window where there is no canvas. */
export function middleOfView(): { x: number; y: number } {
  const area = document.querySelector('.react-flow')?.getBoundingClientRect();
  return { x: (area?.left ?? 0) + (area?.width ?? 0) / 2, y: (area?.top ?? 0) + (area?.height ?? 0) / 2 };
}
