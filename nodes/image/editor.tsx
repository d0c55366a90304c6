import { MediaField } from '../../web/ui/MediaField.tsx';
import { mediaUrlOf, type NodeEditor, type NodeEditorProps } from '../../web/ui/node-editor.ts';

function ImageEditor({ data, upload, isReadOnly, update, uploadFiles, cancelUpload }: NodeEditorProps) {
  const file = data['file'] as { url: string; name?: string } | undefined;
  const address = data['image'];
  return (
    <MediaField
      type="image"
      label="Picture"
      url={mediaUrlOf(file) ?? (typeof address === 'string' && address !== '' ? address : null)}
      fileName={file?.name ?? null}
      upload={upload}
      isReadOnly={isReadOnly}
      onFiles={uploadFiles}
      onUrl={(url) => update({ image: url, file: undefined })}
      onClear={() => update({ image: undefined, file: undefined })}
      onCancelUpload={cancelUpload}
    />
  );
}

export const imageEditor: NodeEditor = {
  type: 'image',
  fields: ['file', 'image'],
  showsOutput: true,
  Editor: ImageEditor,
};
