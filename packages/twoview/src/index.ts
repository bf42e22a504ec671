/** @file twoview for programs: everything that the command line does. */
export { type BenchConfig, benchSchema } from './config/bench.js';
export { type CompareConfig, compareSchema } from './config/compare.js';
export { type DataConfig, dataSchema } from './config/data.js';
export {
  type EmbedConfig,
  embedSchema,
  type KnnConfig,
  knnSchema,
  type ProbeConfig,
  probeSchema,
} from './config/evaluate.js';
export { type DistilConfig, distilSchema, type FinetuneConfig, finetuneSchema } from './config/finetune.js';
export { type InspectConfig, inspectSchema } from './config/inspect.js';
export { parseConfig } from './config/parse.js';
export { type PredictConfig, predictSchema } from './config/predict.js';
export { type PretrainConfig, pretrainSchema } from './config/pretrain.js';
export type { ImageSet, Split } from './data/image-set.js';
export { openImages } from './data/open-images.js';
export { type Survey, survey } from './data/survey.js';
export { ERRORS, type ErrorCode, TwoviewError } from './errors.js';
export { type EmbedResult, embed } from './evaluate/embed.js';
export { type KnnOptions, knn } from './evaluate/knn.js';
export { evaluateKnn, type KnnResult } from './evaluate/knn-run.js';
export { type Metrics, metricsOf } from './evaluate/metrics.js';
export { evaluateProbe, type ProbeResult } from './evaluate/probe-run.js';
export { type CompareIo, compare, type ExperimentPlan, planExperiment } from './experiment/compare.js';
export { type PretrainOutcome, pretrain } from './experiment/pretrain.js';
export type { ExperimentSummary, TableRow } from './experiment/summarise.js';
export { type DistilResult, distil, type FinetuneResult, finetune } from './finetune/finetune.js';
export { type Prediction, type PredictResult, predict } from './finetune/predict.js';
export { createModel, type Encoder, MODEL_NAMES, type ModelOptions } from './models/create-model.js';
export { writeReport } from './report/report.js';
export type { JobIo, ProgressEvent } from './runs/events.js';
export { type BenchResult, bench } from './ssl/bench.js';
export { type Inspection, inspect } from './ssl/inspect.js';
export { chanceLine, ntXent } from './ssl/ntxent.js';
export { projectionHead } from './ssl/projection-head.js';
