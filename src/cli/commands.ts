/** The commands of `e2p` by name, in the order of its overview. */
import { command as aggregate } from './aggregate.ts';
import { command as align } from './align.ts';
import { command as audit } from './audit.ts';
import { command as catalogue } from './catalogue.ts';
import type { Command } from './command.ts';
import { command as csp } from './csp.ts';
import { command as drift } from './drift.ts';
import { command as evaluate } from './evaluate.ts';
import { command as generate } from './generate.ts';
import { command as init } from './init.ts';
import { command as inspect } from './inspect.ts';
import { command as manifest } from './manifest.ts';
import { command as poc } from './poc.ts';
import { command as rows } from './rows.ts';
import { command as train } from './train.ts';

export const COMMANDS: Readonly<Record<string, Command>> = {
  ...{
    init,
    inspect,
    generate,
    train,
    rows,
    evaluate,
    audit,
    drift,
    align,
    catalogue,
    poc,
    aggregate,
    manifest,
    csp,
  },
};
