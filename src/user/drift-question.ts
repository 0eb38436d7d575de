/** How unusual people's embeddings are, and how strongly they are used therefore, as a question of six answers. */
import { checkRange } from '../error.ts';
import type { PrivateQuestion } from './aggregates.ts';

/** ε = 1 of a budget of 8, once a quarter: enough for two years. */
export const DRIFT_QUESTION: PrivateQuestion = {
  id: 'e2p-drift-1',
  answers: ['fine', 'unusual-0', 'unusual-25', 'unusual-50', 'unusual-75', 'alien'],
  epsilon: 1,
  days: 90,
};

/**
 * The true answer to {@link DRIFT_QUESTION}.
 * @param level of the embedding, against the people whom the projector was trained on
 * @param strength λ that is in force, as a share of the one that was asked for, 0 to 1. It is told in four steps, and only where the level
 * is `unusual`: `fine` leaves it as it is, `alien` takes it to 0.
 * @throws E2PError `invalid-argument`
 */
export function driftAnswer(level: 'fine' | 'unusual' | 'alien', strength: number): string {
  checkRange('strength', strength, 0, 1);
  return level === 'unusual' ? `unusual-${25 * Math.min(3, Math.floor(4 * strength))}` : level;
}
