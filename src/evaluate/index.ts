/** `e2p-web/evaluate`: statistics for claims about personalisation. */
export { type BootstrapOptions, bootstrapMean, type Interval, pairedDifference } from './bootstrap.ts';
