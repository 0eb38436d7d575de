/**
 * A Blob whose pieces come out of larger blocks. onnxruntime's bundle for JSPI asks a Blob for each weight by itself, some hundred times, and waits;
 * a browser answers each such question from another process. Here the block that the next weights lie in is on its way meanwhile.
 */

const BLOCK_BYTES = 8 * 2 ** 20;
/** Held at once; weights are not asked for in the order of the file alone. */
const BLOCKS = 4;

export class ReadAheadBlob extends Blob {
  readonly #whole: Blob;
  readonly #blockBytes: number;
  /** By number, the longest unused first. */
  readonly #blocks = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();

  constructor(whole: Blob, blockBytes = BLOCK_BYTES) {
    super([]);
    this.#whole = whole;
    this.#blockBytes = blockBytes;
  }

  override get size(): number {
    return this.#whole.size;
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return this.#whole.arrayBuffer();
  }

  /** Of what it gives, `stream` alone reads ahead. */
  override slice(start = 0, end = this.size): Blob {
    let at = start;
    const stream = () =>
      new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull: async (to) => {
          const number = Math.floor(at / this.#blockBytes);
          const from = number * this.#blockBytes;
          const block = at < end ? await this.#block(number) : undefined;
          if (block !== undefined) {
            if (at - from < block.length) to.enqueue(block.subarray(at - from, end - from));
            at = from + block.length;
          }
          if (block === undefined || at >= end) to.close();
        },
      });
    return Object.assign(this.#whole.slice(start, end), { stream });
  }

  /** And the next one, for whoever goes on. */
  #block(number: number): Promise<Uint8Array<ArrayBuffer>> {
    const block = this.#held(number);
    if ((number + 1) * this.#blockBytes < this.size) this.#held(number + 1).catch(() => undefined);
    return block;
  }

  #held(number: number): Promise<Uint8Array<ArrayBuffer>> {
    const start = number * this.#blockBytes;
    const block =
      this.#blocks.get(number) ??
      this.#whole
        .slice(start, start + this.#blockBytes)
        .arrayBuffer()
        .then((bytes) => new Uint8Array(bytes));
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > BLOCKS) this.#blocks.delete(oldest!);
    return block;
  }
}
