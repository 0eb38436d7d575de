/** What the engine says of the embedding that it was given last, in words, as a dot on a scale, and as the text that it writes. */
import type { UserFit } from '../../../src/index.ts';
import { byId } from '../dom.ts';

export interface Verdict {
  readonly fit: UserFit;
  /** Written for the visitor. */
  readonly text: string;
  /** λ of the session; undefined where it did not personalise. */
  readonly strength: number | undefined;
  /** Written for nobody. */
  readonly plain: string;
  /** How many versions of the embedding there are. */
  readonly version: number;
}

export interface DriftVerdict {
  readonly wait: () => void;
  readonly show: (verdict: Verdict) => void;
  /** Nothing is known of the visitor. @param told instead of what to do first */
  readonly clear: (told?: string) => void;
}

/** Share of the scale at which each range of the p-value is shown; below 0.001 λ tells more. */
const FAR: Readonly<Record<string, number>> = { '≥ 0.1': 0.06, '0.01 … 0.1': 0.17, '0.001 … 0.01': 0.28 };
const NOTHING = 'Nothing is known of you. Allow your clicks to be kept, then press a topic a few times.';

export function createDriftVerdict(): DriftVerdict {
  const box = byId('drift-verdict');
  const scale = byId('drift-far');
  const tell = (what: string): void => {
    byId('drift-told').textContent = what;
    byId('drift-plane').setAttribute('aria-label', what);
  };
  const fill = (texts: Readonly<Record<string, string>>): void => {
    for (const [name, text] of Object.entries(texts)) byId(`drift-${name}`).textContent = text;
  };
  return {
    wait: () => {
      box.dataset.state = 'waiting';
      byId('drift-told').textContent = 'Asking the engine…';
    },
    show: ({ fit, text, strength, plain, version }) => {
      const { level, pValue, change, speed, reason } = fit;
      box.dataset.level = level;
      scale.hidden = level === 'unknown';
      scale.style.setProperty('--far', farOf(fit).toFixed(3));
      fill({
        level,
        p: pValue ?? '–',
        strength: strength === undefined ? '0, no soft token' : String(strength),
        // The engine has none where the page was opened anew.
        change: change === 'first' && version > 1 ? '–' : change,
        speed: speed === undefined ? '–' : perDay(speed),
        reason: reason === undefined ? 'Like the people of training.' : `Why: ${reason}.`,
        plain,
        personal: text,
        for:
          strength === undefined
            ? `Not personalised: the embedding is ${level}. The text is nobody’s.`
            : `Personalised, λ = ${strength}.`,
      });
      const lambda = strength === undefined ? 'not personalised' : `λ = ${strength}`;
      tell(`Version ${version} of your embedding: ${level}, ${lambda}.`);
      box.dataset.state = 'shown';
    },
    clear: (told = NOTHING) => {
      delete box.dataset.level;
      scale.hidden = true;
      const empty = { reason: '', plain: '', personal: '', for: '' };
      fill({ level: '–', p: '–', strength: '–', change: '–', speed: '–', ...empty });
      tell(told);
      box.dataset.state = 'empty';
    },
  };
}

/** The engine's steps, of which the ends stand for all beyond. */
const perDay = (speed: number): string => `${speed === 2 ? '2 or more' : speed} a day`;

/** Each level has a third of the scale. */
function farOf({ level, pValue, strength }: UserFit): number {
  if (level === 'alien') return 5 / 6;
  if (level === 'unusual') return 0.35 + 0.3 * (1 - strength);
  return FAR[pValue ?? ''] ?? 0;
}
