/** Every node is as wide as this, in pixels of the canvas. */
export const nodeWidth = 264;

/** About how high nodes are before they have been drawn and have run, by type. */
const heights: Readonly<Record<string, number>> = {
  text: 130,
  image: 250,
  video: 220,
  cropImage: 300,
  extractFrame: 290,
  llm: 270,
};

/** The first handle sits below the header; the next ones a row apart. */
const firstHandleTop = 58;
const handleStep = 30;

/** The height to reckon with for a node that has not been measured. */
export function expectedHeight(type: string): number {
  return heights[type] ?? 120;
}

/** How far below the top of a node its handle of that number sits. */
export function handleTop(index: number): number {
  return firstHandleTop + index * handleStep;
}
