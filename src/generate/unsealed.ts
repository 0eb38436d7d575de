/** What `personalizer.privacy` says in Node, in the shape of a browser's report: nothing is shut. */

export interface UnsealedReport {
  /** The process that has the personal data can do all that its user can. */
  readonly phase: 'unsealed';
  /** Ways out of the process: none is shut. */
  readonly exits: readonly { readonly name: string; readonly state: 'open'; readonly by: 'nothing' }[];
  /** In sentences for people. Never empty. */
  readonly notSealed: readonly string[];
}

const EXITS = ['fetch', 'node:net', 'node:fs', 'node:child_process', 'node:worker_threads', 'import()'];

export const UNSEALED: UnsealedReport = {
  phase: 'unsealed',
  exits: EXITS.map((name) => ({ name, state: 'open', by: 'nothing' })),
  notSealed: [
    'The process: model, user embedding and generated text are in the memory of a Node process that has network and files. Every module in it can read them and send them away; nothing of this library prevents that.',
    'The machine: whoever may read the memory or the files of this process, its user and administrators among them, has what is in them. A vault keeps its records encrypted, with its device key in a file; only a passphrase is kept nowhere.',
  ],
};
