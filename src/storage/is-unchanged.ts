/** Whether a stored file that no digest vouches for is still the one that its server has. */
import { type DownloadOptions, digestOf } from './download-file.ts';
import { inTime } from './fetch-bytes.ts';
import { isMissing, isSameVersion, versionOf } from './response-facts.ts';
import type { FileRecord } from './weight-records.ts';

type Asked = Pick<DownloadOptions, 'url' | 'network' | 'signal'>;

/** True also where the server does not say, since what is stored is whole. */
export async function isUnchanged(known: FileRecord, asked: Asked): Promise<boolean> {
  const { signal } = asked;
  try {
    const head = await askHead(asked);
    if (!head.ok || isMissing(head)) return true;
    const version = versionOf(head.headers);
    if (version !== undefined) return isSameVersion(version, known.version);
    return known.version !== undefined || (await endsAsStored(known, asked));
  } catch {
    signal?.throwIfAborted();
    return true;
  }
}

/** The answer to `HEAD`, or to a range of one byte from a server that refuses it. */
export async function askHead({ url, network, signal }: Asked): Promise<Response> {
  const ask = (init: RequestInit) =>
    inTime(network, signal, (to) => network.fetch(url, { cache: 'no-cache', ...init, signal: to }));
  const head = await ask({ method: 'HEAD' });
  if (![403, 405, 501].includes(head.status)) return head;
  const part = await ask({ headers: { Range: 'bytes=0-0' } });
  await part.body?.cancel();
  return part;
}

/**
 * Of a stored file whose server has neither ETag nor Last-Modified: whether the last chunk of it is still the same and still the last. True
 * where the server can't be asked for a part.
 */
async function endsAsStored(
  { chunks, chunkBytes, size }: FileRecord,
  { url, network, signal }: Asked,
): Promise<boolean> {
  const last = chunks.length - 1;
  const start = last * chunkBytes;
  // One byte behind the end shows whether there is more now.
  const headers = { Range: `bytes=${start}-${size}` };
  const response = await inTime(network, signal, (to) =>
    network.fetch(url, { cache: 'no-cache', headers, signal: to }),
  );
  const isComparable = last >= 0 && (response.status === 206 || (response.status === 200 && last === 0));
  if (
    !isComparable ||
    isMissing(response) ||
    Number(response.headers.get('content-length')) > chunkBytes + 1
  ) {
    await response.body?.cancel();
    return response.status !== 416;
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return bytes.length === size - start && (await digestOf(bytes)) === chunks[last];
}
