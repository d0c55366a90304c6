import { MediaField } from '../../web/ui/MediaField.tsx';
import { mediaUrlOf, type NodeEditor, type NodeEditorProps } from '../../web/ui/node-editor.ts';

function VideoEditor({ data, upload, isReadOnly, update, uploadFiles, cancelUpload }: NodeEditorProps) {
  const file = data['file'] as { url: string; name?: string } | undefined;
  const address = data['video'];
  return (
    <MediaField
      type="video"
      label="Video"
      url={mediaUrlOf(file) ?? (typeof address === 'string' && address !== '' ? address : null)}
      fileName={file?.name ?? null}
      upload={upload}
      isReadOnly={isReadOnly}
      onFiles={uploadFiles}
      onUrl={(url) => update({ video: url, file: undefined })}
      onClear={() => update({ video: undefined, file: undefined })}
      onCancelUpload={cancelUpload}
    />
  );
}

export const videoEditor: NodeEditor = {
  type: 'video',
  fields: ['file', 'video'],
  showsOutput: true,
  Editor: VideoEditor,
};
