/**
 * What a person can be interested in, written as a table: one interest a line, its fields parted by '|':
 *   name | about, if it differs from the name | phrase; phrase; phrase | stem, stem
 * A stem is the lower-case beginning of a word; it may span words ('board game'). '=cat' is that whole word only.
 */
import { E2PError } from '../../../src/node.ts';

export interface Interest {
  readonly name: string;
  /** The noun phrase that completes "for fans of …". */
  readonly about: string;
  /** Gerund or noun phrases that fit "I love {}." and "My weekends are for {}.". */
  readonly phrases: readonly string[];
  readonly stems: readonly string[];
}

/** @throws E2PError `invalid-data` with the line, if it has not three or four fields or one of them is empty. */
export function interestsFrom(table: string): readonly Interest[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const fields = line.split('|').map((field) => field.trim());
      const [name, about, phrases, stems] = fields.length === 3 ? [fields[0], ...fields] : fields;
      if (fields.length > 4 || !name || !about || !phrases || !stems) {
        throw new E2PError(
          'invalid-data',
          `interest: found "${line}", expected name | about | phrases | stems`,
        );
      }
      return { name, about, phrases: parts(phrases, ';'), stems: parts(stems, ',') };
    });
}

function parts(field: string, mark: string): readonly string[] {
  return field.split(mark).map((part) => part.trim());
}
