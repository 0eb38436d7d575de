/** `e2p-web/evaluate`: whether a projector personalises, and the statistics for claims about it. */
export type { AttackerName } from './audit/attackers.ts';
export { type Answers, type Attribute, readAttributes } from './audit/attributes.ts';
export { type AuditOptions, type AuditReport, audit, type Recovery } from './audit/audit.ts';
export { type InversionReport, type InvertOptions, invert } from './audit/invert.ts';
export { type MembershipOptions, type MembershipReport, membership } from './audit/membership.ts';
export { auditMarkdown, auditTables, type WholeAudit } from './audit/report.ts';
export { VIEWS, type View, type ViewOptions, viewsOf } from './audit/views.ts';
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
export { type Canary, type CanaryOptions, runCanary } from './drift/canary.ts';
export {
  DRIFT_TESTS,
  type DriftOptions,
  type DriftReport,
  type DriftTest,
  type DriftTestReport,
  detectDrift,
} from './drift/detect-drift.ts';
export { driftMarkdown } from './drift/drift-markdown.ts';
export type { Permuted } from './drift/permutation.ts';
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
