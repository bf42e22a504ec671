/**
 * @file A fine-tuned network that names what it sees in unlabelled images, for another network to learn from. Source: Chen et
 * al. 2020, arXiv 2006.10029 (SimCLRv2), section 2, equation 2: cross entropy against the teacher's probabilities.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import type { Normalisation } from '../augment/chunks.js';
import type { DistilConfig } from '../config/finetune.js';
import { TwoviewError } from '../errors.js';
import type { Compute } from '../models/compute.js';
import type { OwnEncoder } from '../models/own-network.js';
import { classifierSummary, openClassifier } from './classifier.js';

export interface Teacher extends Disposable {
  model: string;
  /** @param x [N, 3, S, S], scaled as the student's images are @returns [N, C] probabilities */
  probabilities(x: Tensor): Tensor;
}

type TeacherSettings = Pick<DistilConfig, 'teacher' | 'teacherTemperature'>;

/** What the student looks at. */
export interface DistillationContext {
  /** Classes of the student, which must be the teacher's. */
  classes: readonly string[];
  /** How the student's images are scaled. */
  normalisation: Normalisation;
  compute: Compute;
  /** A network of the caller's own, where the teacher may be one. */
  own?: OwnEncoder | undefined;
}

/** @throws TwoviewError RUN_NOT_FOUND, CONFIG_INVALID when the run is no classifier of these classes */
export async function openTeacher(
  { teacher, teacherTemperature }: TeacherSettings,
  { classes, normalisation, compute, own }: DistillationContext,
): Promise<Teacher> {
  const { network, ...known } = await openClassifier(teacher, '--teacher', own);
  try {
    requireClasses(teacher, known.classes, classes);
  } catch (error) {
    network.dispose();
    throw error;
  }
  network.to({ device: compute.device, memoryFormat: 'channels_last' });
  const rescale = rescaling(normalisation, known.normalisation, compute.device);
  return {
    model: known.model,
    probabilities: (x) =>
      torch.scope(() =>
        torch.noGrad(() => {
          const seen = x.mul(rescale.factor).add(rescale.shift);
          const logits = compute.run(() => network.forward(seen)).to('float32');
          return torch.softmax(logits.div(teacherTemperature), 1);
        }),
      ),
    [Symbol.dispose]() {
      for (const tensor of [rescale.factor, rescale.shift]) tensor.dispose();
      network.dispose();
    },
  };
}

/** @throws TwoviewError RUN_NOT_FOUND, CONFIG_INVALID when the run is no classifier */
export const teachersClasses = (teacher: string): string[] => classifierSummary(teacher, '--teacher').classes;

function requireClasses(run: string, known: readonly string[], wanted: readonly string[]): void {
  if (String(known) === String(wanted)) return;
  const some = (names: readonly string[]) => `${names.slice(0, 5).join(', ')}, ...`;
  throw new TwoviewError('CONFIG_INVALID', {
    what: `the teacher names other classes (${some(known)}) than these images have (${some(wanted)})`,
    where: `--teacher ${run}`,
    next: ['twoview finetune --init PRETRAINED --fraction 0.01 --out TEACHER  makes one'],
  });
}

/** From values that are scaled in one way to the same pixels scaled in another. */
function rescaling(from: Normalisation, to: Normalisation, device: string): { factor: Tensor; shift: Tensor } {
  const channels = (values: number[]) => torch.tensor(values, { device }).reshape([1, 3, 1, 1]);
  return torch.scope(() => ({
    factor: channels(from.std.map((std, c) => std / to.std[c]!)),
    shift: channels(from.mean.map((mean, c) => (mean - to.mean[c]!) / to.std[c]!)),
  }));
}
