#!/usr/bin/env node
/**
 * `e2p`: inspect a model, generate with a soft token, train a projector and evaluate it, describe a model folder. Results go to standard output, everything else to standard
 * error. Exit code 0 = done, 2 = the input is wrong (one line says what), 130 = interrupted, 1 = a defect of ours.
 */
import { E2PError } from '../error.ts';
import { csp } from './csp.ts';
import { evaluate } from './evaluate.ts';
import { generate } from './generate.ts';
import { inspect } from './inspect.ts';
import { manifest } from './manifest.ts';
import { rows } from './rows.ts';
import { train } from './train.ts';

const USAGE = `usage: e2p <command> [options]

  e2p inspect <folder | file.onnx> [--json] [--write <out.onnx>]
      what was found in the graph, and where soft tokens go, or why they cannot;
      --write saves the graph as the engine runs it, with the inputs for soft tokens

  e2p generate --model <folder> --prompt <text> [--projector <file>] [--user <file.json>]
               [--strength <λ>] [--max-tokens <n>] [--temperature <t>] [--seed <n>] [--dtype <d>] [--json]
      text from a model, personalised where a projector and a user are given;
      the user file is {"space": "…", "values": […]}

  e2p train --model <folder> --users <users.jsonl | .safetensors> --data <train.jsonl> --out <p.safetensors>
            [--space <id>] [--tokens <K>] [--slot after-bos | <placeholder>] [--hidden <h>] [--constant]
            [--epochs <n> | --steps <n>] [--batch <n>] [--accumulate <n>] [--lr <r>] [--weight-decay <w>]
            [--noise <σ>] [--prefix-dropout <p>] [--held-out <share> | --validation <other.jsonl>]
            [--patience <n>] [--distill <share>] [--max-length <tokens>] [--seed <n>]
            [--device cpu|cuda|webgpu] [--threads <n>] [--dtype <d>] [--memory 800MB] [--recompute]
            [--init <old.safetensors> [--since <date>] [--canaries <old.jsonl>]]
            [--checkpoint-every <steps>] [--resume] [--json]
      a projector, trained through the frozen model; with --constant the control that knows nobody.
      --distill learns from the same model reading the persona as text; --init trains an old projector on, and
      tells how far it moved. --hidden 0 is a linear projector. --memory bounds what a step needs beside the
      weights: fewer rows at once, then activations computed again. Ctrl-C saves, --resume goes on

  e2p rows --model <folder> --users <file> --data <train.jsonl> --out <rows.jsonl>
           [--space <id>] [--tokens <K>] [--slot …] [--max-length <tokens>] [--dtype fp32]
      the same data as token rows with the projector's contract, for examples/pytorch/train.py

  e2p evaluate --model <folder> --projector <p.safetensors>... --users <file> --data <test.jsonl> --out <folder>
            [--constant <file>]... [--conditions none,constant,mean,shuffled,true,text,shuffled-text,text+true]
            [--shuffles <n>] [--ranked <examples>] [--deployed <examples>] [--generated <examples>]
            [--max-tokens <n>] [--max-length <tokens>] [--batch <n>] [--seed <n>] [--threads <n>] [--dtype <d>]
            [--by-group] [--resume]
      whether it personalises: every condition on the same targets of unseen users, with paired intervals;
      --projector and --constant once for each training seed; --by-group names every user's (or group's) nats too;
      --deployed scores so many examples through the deployed graph too, with its int8 activations;
      writes report.json, report.md and report.html. Ctrl-C keeps what is measured, --resume goes on

  e2p manifest <folder>
      writes e2p-manifest.json into a model folder: size and SHA-256 of each file and of its chunks

  e2p csp [--model <origin>]... [--threads] [--format text|json|headers|nginx] [--worker <path>]
      Content-Security-Policies for the page and for the engine worker`;

const COMMANDS = { inspect, generate, train, rows, evaluate, manifest, csp } as const;

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if (name === '' || name === '--help' || name === '-h' || name === 'help') {
    console.log(USAGE);
    return name === '' ? 2 : 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    console.error(
      `e2p: unknown command ${JSON.stringify(name)}, expected ${Object.keys(COMMANDS).join(', ')}`,
    );
    return 2;
  }
  try {
    await COMMANDS[name as keyof typeof COMMANDS](args);
    // A command that was interrupted has said so.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof E2PError || isUsageError(error)) {
      console.error(`e2p ${name}: ${(error as Error).message.split('\n')[0]}`);
      return 2;
    }
    throw error;
  }
}

/** node:util's parseArgs names the wrong option itself. */
function isUsageError(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException | undefined)?.code).startsWith('ERR_PARSE_ARGS');
}

process.exitCode = await main(process.argv.slice(2));
