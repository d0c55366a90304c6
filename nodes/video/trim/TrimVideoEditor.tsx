import { useKnownInputs } from '../../../web/canvas/node/use-node.ts';
import { SpanEditor } from '../../../web/canvas/node/SpanEditor.tsx';
import { Filmstrip } from '../../../web/ui/Filmstrip.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { useVideoLength } from '../../../web/ui/use-video-length.ts';

/** See `trimVideoEditor`. */
export function TrimVideoEditor({ nodeId }: NodeEditorProps) {
  const { video } = useKnownInputs(nodeId);
  const url = mediaUrlOf(video);
  const lengthS = useVideoLength(video, url, null);
  return (
    <SpanEditor nodeId={nodeId} lengthS={url === null ? null : lengthS} noun="a video">
      {url !== null && lengthS !== null && <Filmstrip key={url} url={url} lengthS={lengthS} />}
    </SpanEditor>
  );
}
