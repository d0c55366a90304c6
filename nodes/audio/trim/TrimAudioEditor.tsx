import { useKnownInputs } from '../../../web/canvas/node/use-node.ts';
import { SpanEditor } from '../../../web/canvas/node/SpanEditor.tsx';
import { mediaUrlOf, type NodeEditorProps } from '../../../web/ui/node-editor.ts';
import { SoundWave } from '../../../web/ui/SoundWave.tsx';
import { useVideoLength } from '../../../web/ui/use-video-length.ts';

/** See `trimAudioEditor`. */
export function TrimAudioEditor({ nodeId }: NodeEditorProps) {
  const { audio } = useKnownInputs(nodeId);
  const url = mediaUrlOf(audio);
  const lengthS = useVideoLength(audio, url, null);
  return (
    <SpanEditor nodeId={nodeId} lengthS={url === null ? null : lengthS} noun="an audio file">
      {url !== null && <SoundWave key={url} url={url} label="the audio file" share={1} />}
    </SpanEditor>
  );
}
