import { Readable } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import type { AssetService, ReceivedFile } from '../../../assets/asset-service.ts';
import type { JsonValue } from '../../../core/node-type/values.ts';
import { readForm, type FormRequest } from '../../http/form.ts';
import { patience, visitorsOf, type TransferTurns } from '../../http/transfer-turns.ts';
import { storableText } from '../../../core/storable-text.ts';

/** A form as it is kept: its fields as texts, and its files by the ids that they have here. A name that comes again is a list. */
export interface FormDelivery {
  readonly body: Readonly<Record<string, JsonValue>>;
  readonly files: Readonly<Record<string, JsonValue>>;
}

/** What a file takes of what is kept of a form: its name in it, and an id. */
const bytesOfFile = 100;

interface FormOptions {
  /** Refuses where there is no room for so many bytes of a delivery. */
  readonly requireRoom: (bytes: number) => Promise<void>;
  readonly userId: string;
  /** In whose name files are kept; null: the owner's. */
  readonly uploadedBy: string | null;
  /** From which network it comes: whoever knows the address of a webhook keeps no places of its owner. */
  readonly network: string;
  /** Of the request that brings the form, where it is known: what cannot fit is refused before it is read. */
  readonly contentLength: number | undefined;
  readonly signal: AbortSignal;
}

/** Reads deliveries that are multipart forms; files stream to where files are, after room was taken for them. */
export function createFormDeliveries(
  assets: Pick<AssetService, 'receive'>,
  { uploads }: Pick<TransferTurns, 'uploads'>,
) {
  return {
    /**
     * Keeps the files once all of them may be kept, and gives what is kept of the form. Throws UPLOAD_INVALID, and as
     * `AssetService.receive` and `requireRoom` do; no file of it is kept then.
     */
    take: async (request: FormRequest, options: FormOptions): Promise<Buffer> => {
      const { userId, uploadedBy, network, contentLength, requireRoom, signal } = options;
      const body = new Map<string, string[]>();
      const received: [string, ReceivedFile][] = [];
      const leave = await uploads.enter({ owner: { workspace: userId, network }, signal, patience: patience() });
      try {
        await readForm(request, {
          field: (name, value) => void body.set(name, [...(body.get(name) ?? []), storableText(value)]),
          file: async (name, stream, fileName) => {
            const place = received.push([name, absent]) - 1;
            received[place] = [
              name,
              await assets.receive(stream, {
                ...{ userId, uploadedBy, name: fileName, signal, contentLength },
                turnOf: visitorsOf(userId),
              }),
            ];
          },
        });
        for (const [, file] of received) await file.check();
        await requireRoom(JSON.stringify(objectOf(body)).length + received.length * bytesOfFile);
        signal.throwIfAborted();
        const files = new Map<string, string[]>();
        for (const [name, file] of received) files.set(name, [...(files.get(name) ?? []), (await file.keep()).id]);
        const kept: FormDelivery = { body: objectOf(body), files: objectOf(files) };
        return Buffer.from(JSON.stringify(kept));
      } finally {
        for (const [, file] of received) await file.dispose();
        leave();
      }
    },
  };
}

/** What holds the place of a file that is on its way. */
const absent: ReceivedFile = {
  sha256: '',
  check: () => Promise.reject(new Error('The file has not come yet.')),
  keep: () => Promise.reject(new Error('The file has not come yet.')),
  dispose: async () => {},
};

/** A form that was read whole, because it is signed, to be read once more as a form. */
export function formOf(bytes: Buffer, { headers }: Pick<IncomingMessage, 'headers'>): FormRequest {
  return Object.assign(Readable.from([bytes]), { headers, complete: true });
}

function objectOf(values: ReadonlyMap<string, readonly string[]>): Record<string, JsonValue> {
  const entries = [...values].filter(([name]) => name !== '__proto__');
  return Object.fromEntries(entries.map(([name, all]) => [storableText(name), all.length === 1 ? all[0]! : [...all]]));
}
