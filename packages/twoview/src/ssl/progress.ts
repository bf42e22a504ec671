/** @file What is kept of a pre-training while it goes on: metrics, kNN and health after epochs, checkpoints, events. */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { Checkpoints, type Position } from '../runs/checkpoints.js';
import type { JobIo } from '../runs/events.js';
import { LateLosses } from '../runs/late-losses.js';
import { Pace } from '../runs/pace.js';
import { notFinite } from '../runs/stops.js';
import type { Batches } from './batches.js';
import { type Monitored, monitor } from './monitor.js';
import type { Pretraining } from './pretraining.js';
import { tellRepresentations } from './representations.js';

/** What one step hands to the next. */
interface At extends Position {
  /** Mean loss of the last whole epoch. */
  epochLoss: number | null;
  /** kNN accuracy on the held-out images: when last measured, and the best so far. */
  knn: number | null;
  bestKnn: number | null;
  /** At the settings that others report, when last measured. */
  knnReported: Monitored['reported'];
}

const START: At = { step: 0, lossSum: 0, epochLoss: null, knn: null, bestKnn: null, knnReported: null };

export class Progress implements AsyncDisposable {
  readonly pace = new Pace();
  /** The loss where all projections are the same; null where that says nothing. */
  readonly chance: number | null;
  readonly #training: Pretraining;
  readonly #batches: Batches;
  readonly #io: JobIo;
  readonly #losses: LateLosses<{ step: number; lr: number }>;
  readonly #checkpoints: Checkpoints<At>;
  readonly #at: At;

  /** Loads the last checkpoint, where there is one. @throws as `Checkpoints.resume` */
  constructor(training: Pretraining, batches: Batches, io: JobIo) {
    const { config, run, team, encoder, head, optimizer, compute, normalisation, loss } = training;
    const { model, stem, checkpointMinutes } = config;
    this.#training = training;
    this.#batches = batches;
    this.#io = io;
    this.chance = loss.collapsed(config.batchSize);
    this.#losses = new LateLosses(compute.device, (part, { step, lr }) => this.#arrived(team.mean(part), step, lr));
    const about = { model, stem, normalisation: JSON.stringify(normalisation) };
    const options = { minutes: checkpointMinutes, about, beforeSaving: () => this.#losses.drain() };
    this.#checkpoints = new Checkpoints<At>(run, { encoder, head, optimizer }, options, team);
    try {
      this.#at = this.#checkpoints.resume(START, batches.totalSteps, io);
    } catch (error) {
      this.#losses[Symbol.dispose]();
      throw error;
    }
  }

  /** Steps done. */
  get step(): number {
    return this.#at.step;
  }

  /** Of the last epoch and of all steps. */
  get figures(): { loss: number; knn: number | null; knnReported: Monitored['reported']; seconds: number } {
    const { epochLoss, knn, knnReported } = this.#at;
    return { loss: epochLoss!, knn, knnReported, seconds: this.#checkpoints.seconds };
  }

  /** Before the first step of this process. */
  async begin(): Promise<void> {
    if (this.#at.step === 0 && this.#training.team.isRankZero)
      await tellRepresentations(this.#training, this.#batches, 0, this.#io);
  }

  /** After each step. @param loss [] of this process's views @throws TwoviewError STOPPED, LOSS_NOT_FINITE; TorchError */
  async after(loss: Tensor): Promise<void> {
    const { stepsPerEpoch, totalSteps } = this.#batches;
    this.#at.step++;
    this.pace.end();
    this.#losses.push(loss, { step: this.#at.step, lr: this.#training.optimizer.lr });
    if (this.#at.step % stepsPerEpoch === 0) await this.#endEpoch(this.#at.step / stepsPerEpoch);
    await this.#checkpoints.after(this.#at, totalSteps, this.#io.signal);
  }

  #arrived(loss: number, step: number, lr: number): void {
    const { run, config } = this.#training;
    const { stepsPerEpoch, totalSteps } = this.#batches;
    if (!Number.isFinite(loss)) throw notFinite(`the loss became ${loss}`, step, run.path);
    this.#at.lossSum += loss;
    run.metric({ step, epoch: Math.ceil(step / stepsPerEpoch), loss, lr });
    const images = 2 * config.batchSize;
    this.#io.onEvent?.(this.pace.event('pretrain', { step, stepsPerEpoch, totalSteps, loss, lr, images }));
  }

  /** Mean loss, and now and then kNN and health; the best kNN so far is kept. Held-out images are training images. */
  async #endEpoch(epoch: number): Promise<void> {
    const { config, run, team } = this.#training;
    const { trained, heldOut, stepsPerEpoch } = this.#batches;
    const at = this.#at;
    this.#losses.drain();
    at.epochLoss = at.lossSum / stepsPerEpoch;
    at.lossSum = 0;
    const values: Record<string, number> = {
      epochLoss: at.epochLoss,
      ...(this.chance !== null && { chance: this.chance }),
    };
    if (team.isRankZero && (epoch % config.knnEvery === 0 || epoch === config.epochs)) {
      torch.trimMemory(); // kNN needs blocks of other sizes than a step
      const { values: measured, reported } = await monitor(this.#training, trained, heldOut);
      await tellRepresentations(this.#training, this.#batches, epoch, this.#io);
      Object.assign(values, measured);
      at.knnReported = reported;
      const broken = Object.entries(values).find(([, value]) => !Number.isFinite(value));
      if (broken !== undefined)
        throw notFinite(`${broken[0]} of the representations became ${broken[1]}`, at.step, run.path);
      at.knn = values.knn ?? null;
    }
    run.metric({ step: at.step, epoch, ...values });
    run.log(`epoch ${epoch}/${config.epochs} ${JSON.stringify(values)}`);
    this.#io.onEvent?.({ type: 'metrics', phase: 'pretrain', epoch, epochs: config.epochs, values });
    if (values.knn !== undefined && values.knn > (at.bestKnn ?? -1)) {
      at.bestKnn = values.knn;
      await this.#checkpoints.saveBest(at);
    }
    torch.trimMemory();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#checkpoints[Symbol.asyncDispose]();
    this.#losses[Symbol.dispose]();
  }
}
