/** `e2p-web/evaluate`: whether a projector personalises, and the statistics for claims about it. */
export {
  type BootstrapOptions,
  bootstrapMean,
  bootstrapRuns,
  type Interval,
  isTold,
  pairedDifference,
  type Runs,
} from './bootstrap.ts';
export { CONDITIONS, type Condition } from './conditions.ts';
export {
  type ConditionReport,
  type EvaluateOptions,
  type EvaluationReport,
  evaluate,
} from './evaluate.ts';
export type { GeneratedReport } from './generate-texts.ts';
export { reportMarkdown, reportPage } from './report.ts';
export type { DeployedReport } from './score-deployed.ts';
export type { ScoreLogOptions } from './score-log.ts';
export type { GroupReport, LossReport } from './summarise.ts';
export { distinct, type Overlap, overlap } from './text-metrics.ts';
