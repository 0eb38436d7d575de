/** What the address bar can change: `?device=wasm&model=…&projector=…&maxTokens=…`, and `?llm=…&encoder=…` for the real LLM. */
import type { DeviceRequest, Dtype, HubOptions } from '../../src/index.ts';

export interface PageOptions {
  readonly device: DeviceRequest;
  readonly model: string;
  readonly hub?: HubOptions;
  readonly dtype: Dtype;
  readonly projector: string;
  readonly maxTokens: number;
}

export interface LlmOptions extends PageOptions {
  /** Of the sentence encoder: a folder on this site, or a Hub id. */
  readonly encoder: string;
}

type Address = Pick<Location, 'search'>;

const DEVICES: readonly DeviceRequest[] = ['auto', 'webgpu', 'wasm'];

export function readPageOptions({ search }: Address): PageOptions {
  const query = new URLSearchParams(search);
  return {
    ...readCommon(query, 48),
    model: query.get('model') ?? './models/e2p-tiny',
    projector: query.get('projector') ?? './models/e2p-tiny/projector.safetensors',
  };
}

/** Its revision is a commit, so that nobody gets other weights than those that were tried. */
const REAL_LLM = {
  model: 'HuggingFaceTB/SmolLM2-135M-Instruct',
  hub: {
    host: __REAL_LLM__?.hosts[0] ?? 'https://huggingface.co',
    revision: '12fd25f77366fa6b3b4b768ec3050bf629380bac',
  },
} as const;

/** `?llm=` and `?encoder=` are folders in the Hub's layout on this site: the page's policy lets the loader go to few others. */
export function readLlmOptions({ search }: Address): LlmOptions {
  const query = new URLSearchParams(search);
  const folder = query.get('llm') ?? __REAL_LLM__?.folder;
  return {
    ...readCommon(query, 60),
    ...REAL_LLM,
    ...(folder !== undefined && { model: folder }),
    encoder: query.get('encoder') ?? __REAL_LLM__?.encoder ?? 'Xenova/all-MiniLM-L6-v2',
    projector: './projectors/smollm2-135m-instruct.safetensors',
  };
}

/** How much is downloaded and kept, in words, before anything is asked of a server. */
export function realLlmSize({ search }: Address): string {
  const isKnown = __REAL_LLM__ !== undefined && !new URLSearchParams(search).has('llm');
  return isKnown ? `about ${Math.round(__REAL_LLM__.bytes / 1e6)} MB` : '110 to 210 MB';
}

function readCommon(
  query: URLSearchParams,
  most: number,
): Pick<PageOptions, 'device' | 'dtype' | 'maxTokens'> {
  const maxTokens = Number(query.get('maxTokens') ?? most);
  return {
    device: DEVICES.find((device) => device === query.get('device')) ?? 'auto',
    dtype: 'q4',
    maxTokens: Number.isInteger(maxTokens) && maxTokens > 0 ? maxTokens : most,
  };
}
