/** One server-sent event. */
export interface StreamedEvent {
  readonly event: string;
  readonly id: string | null;
  // Tests look into data of every shape and fail where a field is missing.
  readonly data: ReturnType<typeof JSON.parse>;
}

/** The events of a stream as they come, until it ends or the reader has seen enough. */
export async function* readEvents(response: Response): AsyncGenerator<StreamedEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      yield { event: fields.get('event') ?? 'message', id: fields.get('id') ?? null, data: JSON.parse(data) };
    }
  }
}
