/** One server-sent event as it came. */
export interface StreamedEvent {
  readonly name: string;
  readonly id: string | null;
  readonly data: string;
}

/** The events of a stream, until it ends. Lines end as the standard allows; comments are left out. */
export async function* readStream(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      // A return at the end may be half of a line end.
      const end = text.endsWith('\r') ? text.length - 1 : text.length;
      const blocks = (text.slice(0, end).replaceAll('\r\n', '\n').replaceAll('\r', '\n') + '\u0000').split('\n\n');
      const rest = blocks.pop()!.slice(0, -1);
      for (const block of blocks) {
        const event = eventOf(block);
        if (event !== null) yield event;
      }
      text = rest + text.slice(end);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): StreamedEvent | null {
  let name = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') name = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { name, id, data: data.join('\n') };
}
