/**
 * Runs of a model on buffers of ours on the GPU: its KV cache is written in place, a step of one token is fed from buffers that stay, and logits
 * stay on the GPU, of which the highest alone are read back where they tell enough. A step that has nothing else to it can be recorded once for
 * each store and repeated then, which leaves little to do for the CPU.
 */
import type { BaseModel } from '../model/base-model.ts';
import { fromFloat16 } from '../onnx/float16.ts';
import type { Highest } from '../runtime/gpu-highest.ts';
import type { GpuMemory } from '../runtime/gpu-memory.ts';
import type { Runtime, RuntimeSession, Tensor } from '../runtime/runtime.ts';
import type { GpuStore } from './gpu-store.ts';
import type { StepInput } from './step-inputs.ts';

/** So many steps are recorded in a session: what one takes is freed with it alone. */
const MOST_GRAPHS = 64;

export class GpuSteps {
  /** Whether steps are recorded. */
  readonly captures: boolean;
  readonly #model: BaseModel;
  readonly #runtime: Runtime;
  readonly #gpu: GpuMemory;
  readonly #session: RuntimeSession;
  /** Inputs of one element, and the last that was written there. */
  readonly #inputs = new Map<string, { readonly tensor: Tensor; last?: string }>();
  readonly #logits: Tensor;
  /** By a tensor of the store that the step is bound to. */
  readonly #graphs = new WeakMap<Tensor, number>();
  #recorded = 0;

  constructor(
    model: BaseModel,
    runtime: Runtime,
    gpu: GpuMemory,
    session: RuntimeSession,
    captures: boolean,
  ) {
    const { columns, type } = model.facts.head;
    this.#model = model;
    this.#runtime = runtime;
    this.#gpu = gpu;
    this.#session = session;
    this.captures = captures;
    this.#logits = gpu.zeros(type, [1, 1, columns]);
  }

  /**
   * @param columns positions whose logits are wanted, in all rows
   * @param found how many of the first logits of a single position are wanted, and whether the highest of them tell enough
   */
  async run(
    store: GpuStore,
    inputs: ReadonlyMap<string, StepInput>,
    columns: number,
    found: { readonly among: number; readonly few: boolean },
    repeats = this.captures,
  ): Promise<Float32Array | Highest> {
    const { cache, head } = this.#model.facts;
    const isStep = [...inputs.values()].every(({ dims }) => dims.every((d) => d === 1));
    const fed = isStep ? this.#place(inputs) : undefined;
    const past = store.feeds();
    const feeds = {
      ...past,
      ...(fed?.feeds ?? Object.fromEntries([...inputs].map(([name, input]) => [name, this.#onCpu(input)]))),
    };
    const fetches = {
      ...Object.fromEntries(cache.map((pair) => [pair.present, past[pair.past]!])),
      ...(columns === 1 && { [head.logits]: this.#logits }),
    };
    let back: Promise<Float32Array | Highest> | undefined;
    const outputs = await this.#session.run(feeds, {
      fetches,
      ...(isStep && repeats && { graph: this.#graphOn(Object.values(past)[0]!) }),
      ...(fed && { before: fed.write }),
      after: () => {
        if (columns !== 1) return undefined;
        back = found.few ? this.#gpu.highest(this.#logits, found.among) : this.#row(found.among);
        return back;
      },
    });
    return back ?? asFloats(outputs[head.logits]!);
  }

  release(): void {
    for (const { tensor } of this.#inputs.values()) tensor.dispose();
    this.#logits.dispose();
  }

  /** Lengths of a step that is not recorded are read on the CPU. */
  #place(inputs: ReadonlyMap<string, StepInput>) {
    const total = this.captures ? undefined : this.#model.inputs.lengths?.total;
    const feeds: Record<string, Tensor> = {};
    const writes: (() => void)[] = [];
    for (const [name, input] of inputs) {
      if (name === total) {
        feeds[name] = this.#onCpu(input);
        continue;
      }
      const known = this.#inputs.get(name) ?? { tensor: this.#gpu.zeros(input.type, input.dims) };
      this.#inputs.set(name, known);
      feeds[name] = known.tensor;
      writes.push(() => {
        const text = String(input.values[0]);
        if (known.last !== text) this.#gpu.write(known.tensor, input.values);
        known.last = text;
      });
    }
    return {
      feeds,
      write: () => {
        for (const write of writes) write();
      },
    };
  }

  /** The number of the step that is recorded on a store; undefined: none is. */
  #graphOn(tensor: Tensor): number | undefined {
    const known = this.#graphs.get(tensor);
    if (known !== undefined || this.#recorded === MOST_GRAPHS) return known;
    this.#graphs.set(tensor, this.#recorded);
    return this.#recorded++;
  }

  #onCpu({ type, values, dims }: StepInput): Tensor {
    return this.#runtime.tensor(type, values, dims);
  }

  async #row(count: number): Promise<Float32Array> {
    return asFloats({ type: this.#logits.type, data: await this.#gpu.read(this.#logits, count) });
  }
}

/** Of logits in either precision. */
export const asFloats = ({ type, data }: Pick<Tensor, 'type' | 'data'>): Float32Array =>
  type === 'float16' ? fromFloat16(data as Uint16Array) : (data as Float32Array);
