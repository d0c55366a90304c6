import type { CSSProperties } from 'react';
import { useIsReadOnly, useKnownInputs, useNodeData, useUpdateNode } from '../../../web/canvas/node/use-node.ts';
import { BoxStage, stageUrlOf } from '../../../web/ui/BoxStage.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';

const standard = { x_percent: 5, y_percent: 5, width_percent: 90, height_percent: 90 };

const across: Readonly<Record<string, string>> = { left: 'start', center: 'center', right: 'end' };
const down: Readonly<Record<string, string>> = { top: 'start', middle: 'center', bottom: 'end' };
const families: Readonly<Record<string, string>> = { serif: 'serif', mono: 'monospace' };

/** See `drawTextEditor`. The text is shown about as it will be drawn; the run says exactly. */
export function TextBoxEditor({ nodeId }: NodeEditorProps) {
  const data = useNodeData(nodeId);
  const inputs = useKnownInputs(nodeId);
  const isReadOnly = useIsReadOnly();
  const update = useUpdateNode(nodeId);
  const url = stageUrlOf(mediaUrlOf(inputs['image']));
  const numberOf = (name: keyof typeof standard) => (typeof data[name] === 'number' ? data[name] : standard[name]);
  if (url === null) {
    return (
      <p className="flex h-24 items-center justify-center rounded-md border border-dashed border-line-strong bg-field px-3 text-center text-xs text-muted">
        Connect an image to place the text on it.
      </p>
    );
  }
  const text = typeof inputs['text'] === 'string' ? inputs['text'] : data['text'];
  return (
    <BoxStage
      key={url}
      url={url}
      alt="Image to write on"
      name="Text box"
      box={{
        x: numberOf('x_percent'),
        y: numberOf('y_percent'),
        width: numberOf('width_percent'),
        height: numberOf('height_percent'),
      }}
      isReadOnly={isReadOnly}
      onChange={({ x, y, width, height }) =>
        update({ x_percent: x, y_percent: y, width_percent: width, height_percent: height })
      }
    >
      <span aria-hidden style={styleOf(data)}>
        {typeof text === 'string' ? text : ''}
      </span>
    </BoxStage>
  );
}

/** The stage is as high as the image, so lengths are shares of its height. */
function styleOf(data: Readonly<Record<string, unknown>>): CSSProperties {
  const word = (name: string, other: string) => (typeof data[name] === 'string' ? data[name] : other);
  const size = typeof data['size'] === 'number' ? data['size'] : 8;
  return {
    position: 'absolute',
    inset: 0,
    display: 'grid',
    alignContent: down[word('vertical', 'bottom')],
    justifyItems: across[word('align', 'center')],
    textAlign: word('align', 'center') as CSSProperties['textAlign'],
    fontSize: `${size}cqh`,
    fontFamily: families[word('family', 'sans')] ?? 'sans-serif',
    fontWeight: data['bold'] === false ? 400 : 700,
    fontStyle: data['italic'] === true ? 'italic' : 'normal',
    lineHeight: 1.16,
    overflow: 'hidden',
    overflowWrap: 'anywhere',
    whiteSpace: 'pre-wrap',
    color: word('color', '#ffffff'),
    pointerEvents: 'none',
  };
}
