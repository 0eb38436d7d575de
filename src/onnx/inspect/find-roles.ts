/**
 * What the other inputs are for, told by where they flow: into the softmax of attention (a mask), into angles or a
 * table of positions (positions), into the bounds of a slice before the head (how many logits to keep).
 */
import { followDown, type GraphIndex, originOf } from '../graph-index.ts';
import { DataType, type OnnxNode, type OnnxValueInfo, operatorName, shapeOf } from '../onnx-model.ts';

export interface IntegerInput {
  readonly name: string;
  readonly type: 'int64' | 'int32';
}

/** [batch, new], or [axes, batch, new] for a model that also sees pictures: time, height and width, which are one in a text (M-RoPE). */
export interface PositionInput extends IntegerInput {
  readonly axes?: number;
}

export interface RoleFacts {
  /** [batch, past + new], 1 for each real position; `shapeOnly` where its values are not read. */
  readonly attentionMask: (IntegerInput & { readonly shapeOnly?: true }) | undefined;
  /** Positions, counted from 0. */
  readonly positionIds: PositionInput | undefined;
  /** `num_logits_to_keep`, one number; 0 keeps all. */
  readonly logitCount: (IntegerInput & { readonly dims: readonly number[] }) | undefined;
}

type Role = keyof RoleFacts;

/** Inputs of attention operators that say which positions count. */
const MASK_SLOTS: Readonly<Record<string, readonly number[]>> = {
  Softmax: [0],
  'com.microsoft.GroupQueryAttention': [5, 6],
  'com.microsoft.Attention': [3, 5],
  'com.microsoft.MultiHeadAttention': [4, 5],
  // Of opset 23; the lengths of rows of opset 24.
  Attention: [3, 6],
};
const POSITION_SLOTS: Readonly<Record<string, readonly number[]>> = {
  Cos: [0],
  Sin: [0],
  RotaryEmbedding: [3],
  'com.microsoft.RotaryEmbedding': [1],
  'com.microsoft.MRotaryEmbedding': [1],
  'com.microsoft.GroupQueryAttention': [9],
};

/**
 * @param hidden what enters the head
 * @param known inputs that are accounted for: ids and cache
 */
export function findRoles(
  index: GraphIndex,
  hidden: string | undefined,
  known: ReadonlySet<string>,
  refuse: (reason: string) => never,
): RoleFacts {
  const roles: { -readonly [role in Role]: RoleFacts[role] } = {
    attentionMask: undefined,
    positionIds: undefined,
    logitCount: undefined,
  };
  for (const [name, input] of index.inputs) {
    if (known.has(name)) continue;
    const type = integerType(input);
    const role = type && roleOf(index, input, hidden);
    if (type === undefined || role === undefined) {
      return refuse(
        `the input ${name} has no known role; expected token ids, cache, an integer mask, positions or a count of logits`,
      );
    }
    if (roles[role] !== undefined)
      return refuse(`the inputs ${roles[role].name} and ${name} both look like ${NAMES[role]}`);
    if (role === 'attentionMask') {
      const hides = rolesReached(index, name, hidden, false).has('attentionMask');
      roles.attentionMask = hides ? { name, type } : { name, type, shapeOnly: true };
    } else if (role === 'logitCount')
      roles.logitCount = { name, type, dims: (shapeOf(input) ?? []).map(() => 1) };
    else {
      const axes = role === 'positionIds' ? positionAxes(input) : undefined;
      roles[role] = axes === undefined ? { name, type } : { name, type, axes };
    }
  }
  return roles;
}

const NAMES: Readonly<Record<Role, string>> = {
  attentionMask: 'the attention mask',
  positionIds: 'positions',
  logitCount: 'the number of logits to keep',
};

function roleOf(index: GraphIndex, input: OnnxValueInfo, hidden: string | undefined): Role | undefined {
  // What only an input's shape decides tells little: it may reach everything.
  const byValue = rolesReached(index, input.name, hidden, false);
  const reached = byValue.size > 0 ? byValue : rolesReached(index, input.name, hidden, true);
  if (reached.has('logitCount')) return reached.size === 1 ? 'logitCount' : undefined;
  const rank = shapeOf(input)?.length ?? 2;
  if (rank === 2 && reached.has('attentionMask')) return 'attentionMask';
  const hasPlaces = rank === 2 || positionAxes(input) !== undefined;
  return hasPlaces && reached.has('positionIds') && !reached.has('attentionMask') ? 'positionIds' : undefined;
}

/** Of [3, batch, new]; undefined where there is one position for each token. */
function positionAxes(input: OnnxValueInfo): number | undefined {
  const shape = shapeOf(input);
  const [axes] = shape ?? [];
  return shape?.length === 3 && typeof axes === 'number' ? axes : undefined;
}

function rolesReached(
  index: GraphIndex,
  input: string,
  hidden: string | undefined,
  throughShape: boolean,
): ReadonlySet<Role> {
  const reached = new Set<Role>();
  const cut = hidden === undefined ? undefined : cutBefore(index, hidden);
  followDown(index, input, (node, slot) => {
    if (cut !== undefined && node === cut && slot !== 0) reached.add('logitCount');
    else if (MASK_SLOTS[operatorName(node)]?.includes(slot)) reached.add('attentionMask');
    else if (POSITION_SLOTS[operatorName(node)]?.includes(slot) || isTableLookup(index, node, slot))
      reached.add('positionIds');
    else return throughShape || node.opType !== 'Shape';
    return false;
  });
  return reached;
}

/** The slice of positions that some exports have between the last norm and the head. */
function cutBefore(index: GraphIndex, hidden: string): OnnxNode | undefined {
  const node = index.producer.get(originOf(index, hidden, ['Identity', 'Cast']));
  return node?.opType === 'Slice' ? node : undefined;
}

/** Rows of a weight table: learned positions, or angles computed beforehand. */
function isTableLookup(index: GraphIndex, node: OnnxNode, slot: number): boolean {
  if (!['Gather', 'GatherElements', 'GatherBlockQuantized'].includes(node.opType) || slot !== 1) return false;
  // Some exports repeat the table for each row first.
  const tensor = index.constants.get(
    originOf(index, node.inputs[0]!, ['Identity', 'Cast', 'Tile', 'Expand']),
  );
  return tensor !== undefined && tensor.dims.length >= 2;
}

function integerType({ type }: OnnxValueInfo): 'int64' | 'int32' | undefined {
  const element = type?.tensor?.elemType;
  return element === DataType.int64 ? 'int64' : element === DataType.int32 ? 'int32' : undefined;
}
