/** @file twoview for programs: everything that the command line does. */

import { listImages as listImagesJob } from './data/list-images.js';
import { openImages as openImagesJob } from './data/open-images.js';
import { imageSet as imageSetJob } from './data/sources/tensor-set.js';
import { survey as surveyJob } from './data/survey.js';
import { writeReport as writeReportJob } from './report/report.js';
import { coded } from './runs/coded.js';
import { bench as benchJob } from './ssl/bench.js';
import { inspect as inspectJob } from './ssl/inspect.js';

export type { Normalisation } from './augment/chunks.js';
export type { OwnStep, ViewPipeline, ViewStep } from './augment/pipeline.js';
export * as views from './augment/steps.js';
export { plainViews } from './augment/views.js';
export { type BenchConfig, benchSchema } from './config/bench.js';
export { type ClassifyConfig, classifySchema } from './config/classify.js';
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
export { type SelectConfig, selectSchema } from './config/select.js';
export type { ImageSet, Split } from './data/image-set.js';
export type { ImageList, ListedImage } from './data/list-images.js';
export { normalisationOf } from './data/normalisation.js';
export type { TensorPart, TensorSet } from './data/sources/tensor-set.js';
export type { Survey } from './data/survey.js';
export { ERRORS, type ErrorCode, TwoviewError } from './errors.js';
export type { EmbedResult } from './evaluate/embed.js';
export { accuracyInterval } from './evaluate/exam/accuracy-interval.js';
export { type CalibrationBin, calibrationBins } from './evaluate/exam/calibration-bins.js';
export { drawExam } from './evaluate/exam/draw-exam.js';
export { type Forecast, forecast, type Gain } from './evaluate/exam/forecast.js';
export {
  type LabelCurve,
  type LabelCurveOptions,
  type LabelCurvePoint,
  labelCurve,
} from './evaluate/exam/label-curve.js';
export { type ClassAccuracy, type ConfusionCell, confusion, perClass } from './evaluate/exam/per-class.js';
export { type Answers, type Interval, predictionPowered } from './evaluate/exam/prediction-powered.js';
export { type Suspect, type Suspects, suspectLabels } from './evaluate/exam/suspect-labels.js';
export { type ExamFacts, type ExamWarning, type ExamWarningCode, examWarnings } from './evaluate/exam/warnings.js';
export { type Share, wilson } from './evaluate/exam/wilson.js';
export type { Choice, CurvePoint } from './evaluate/heads/choose.js';
export { type Graph, type GraphOptions, neighbourGraph } from './evaluate/heads/graph.js';
export type { Head } from './evaluate/heads/head.js';
export { leftOutProbabilities } from './evaluate/heads/left-out.js';
export { type LogisticOptions, logisticHead } from './evaluate/heads/logistic.js';
export { type PropagatedOptions, propagatedHead } from './evaluate/heads/propagated.js';
export { type RidgeOptions, ridgeHead } from './evaluate/heads/ridge.js';
export { type Scale, scaleOf } from './evaluate/heads/scale.js';
export { type KnnOptions as KnnVotesOptions, knn as knnVotes } from './evaluate/knn.js';
export type { KnnResult } from './evaluate/knn-run.js';
export { type Metrics, metricsOf } from './evaluate/metrics.js';
export { principalMap } from './evaluate/principal-map.js';
export type { ProbeResult } from './evaluate/probe-run.js';
export { type SettlingMap, type SettlingOptions, settlingUmap } from './evaluate/settling-umap.js';
export { planExperiment } from './experiment/compare.js';
export type { CompareIo } from './experiment/open-experiment.js';
export type { ExperimentPlan } from './experiment/plan.js';
export type { PretrainOutcome } from './experiment/pretrain.js';
export type { ExperimentSummary, TableRow } from './experiment/summarise.js';
export type { ClassifyResult } from './finetune/classify/classify.js';
export type { DistilResult, FinetuneResult } from './finetune/outcome.js';
export type { Prediction, PredictResult } from './finetune/predict.js';
export * from './library/jobs.js';
export type { EncoderLike, HeadLike, LossLike, OptimizerLike } from './library/own-parts.js';
export { barlowTwins } from './losses/barlow-twins.js';
export { decoupled } from './losses/decoupled.js';
export type { Loss, LossFunction } from './losses/loss.js';
export { chanceLine, ntXent } from './losses/nt-xent.js';
export { suncet } from './losses/suncet.js';
export { type VicregWeights, vicreg } from './losses/vicreg.js';
export { createModel, type Encoder, MODEL_NAMES, type ModelOptions } from './models/create-model.js';
export type { OwnModule } from './models/own-network.js';
export type { Own } from './own/own.js';
export type { JobIo, ProgressEvent, RepresentationsReport } from './runs/events.js';
export type { Selection } from './select/choice.js';
export { kMedoids } from './select/k-medoids.js';
export { maxHerding } from './select/max-herding.js';
export type { Chosen, SelectResult } from './select/select.js';
export { typiclust } from './select/typiclust.js';
export type { BenchResult } from './ssl/bench.js';
export type { Inspection } from './ssl/inspect.js';
export { projectionHead } from './ssl/projection-head.js';

/** The images of a folder, table, file or name. @throws TwoviewError, TorchError */
export const openImages = coded(openImagesJob);
/** What `openImages` would open of files of pictures, before any of them is decoded. @throws TwoviewError */
export const listImages = coded(async (...args: Parameters<typeof listImagesJob>) => listImagesJob(...args));
/** A set of images that the caller holds as tensors. @throws TwoviewError, TorchError */
export const imageSet = coded(imageSetJob);
/** What is in a source: counts, notes, twins. @throws TwoviewError, TorchError */
export const survey = coded(surveyJob);
/** The report of an experiment. @returns its path @throws TwoviewError, TorchError */
export const writeReport = coded(writeReportJob);
/** How fast a network trains on this machine. @throws TwoviewError, TorchError */
export const bench = coded(benchJob);
/** What a pre-training changed. @throws TwoviewError, TorchError */
export const inspect = coded(inspectJob);
export { exampleViews } from './ssl/example-views.js';
