/** A set of texts, as a regular expression describes it: what patterns and schemas become before they are an automaton. */

/** Code points from–to, both included, in ascending order and apart. */
export type CodePoints = readonly (readonly [number, number])[];

export type Expression =
  | { readonly kind: 'character'; readonly of: CodePoints }
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly least: number; readonly most: number };

export const character = (of: CodePoints): Expression => ({ kind: 'character', of });
export const sequence = (...parts: readonly Expression[]): Expression => ({ kind: 'sequence', parts });
/** Of no options: no text at all. */
export const choice = (...options: readonly Expression[]): Expression => ({ kind: 'choice', options });
/** @param most may be Infinity */
export const repeat = (item: Expression, least: number, most: number): Expression => ({
  ...{ kind: 'repeat', item, least, most },
});
export const optional = (item: Expression): Expression => repeat(item, 0, 1);

export const literal = (text: string): Expression =>
  sequence(
    ...Array.from(text, (each) => {
      const codePoint = each.codePointAt(0)!;
      return character([[codePoint, codePoint]]);
    }),
  );

const SURROGATES = [0xd800, 0xdfff] as const;
/** At the begin of a text it is taken for a byte order mark and is lost. */
const BYTE_ORDER_MARK = 0xfeff;

/** What a text of UTF-8 may hold. */
export const ANY_CHARACTER: CodePoints = [
  [0, SURROGATES[0] - 1],
  [SURROGATES[1] + 1, BYTE_ORDER_MARK - 1],
  [BYTE_ORDER_MARK + 1, 0x10ffff],
];

export const intersection = (a: CodePoints, b: CodePoints): CodePoints =>
  a.flatMap(([from, to]) =>
    b.flatMap(([low, high]): CodePoints => {
      const [first, last] = [Math.max(from, low), Math.min(to, high)];
      return first <= last ? [[first, last]] : [];
    }),
  );

/** Each character of the expression in place of another expression. */
export function mapCharacters(expression: Expression, change: (of: CodePoints) => Expression): Expression {
  switch (expression.kind) {
    case 'character':
      return change(expression.of);
    case 'sequence':
      return sequence(...expression.parts.map((part) => mapCharacters(part, change)));
    case 'choice':
      return choice(...expression.options.map((option) => mapCharacters(option, change)));
    case 'repeat':
      return { ...expression, item: mapCharacters(expression.item, change) };
  }
}
