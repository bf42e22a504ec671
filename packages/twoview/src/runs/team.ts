/**
 * @file The processes of one training. Each computes its part of every batch; process 0 writes, and what it decides or has, it
 * tells the others. A process that works alone is a team of one, for which nothing here costs anything.
 */
import type { Tensor } from '@twoview/torch';
import * as torch from '@twoview/torch';
import { TwoviewError } from '../errors.js';

const { meetingFrom, ProcessGroup } = torch.distributed;

export class Team implements Disposable {
  static readonly alone = new Team(null);

  private constructor(readonly group: torch.distributed.ProcessGroup | null) {}

  /**
   * Waits for the others that RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT speak of; alone without these.
   *
   * @throws TorchError PROCESS_GROUP, ARGUMENT
   */
  static join(env: Record<string, string | undefined> = process.env): Team {
    const meeting = meetingFrom(env);
    return meeting === null ? Team.alone : new Team(ProcessGroup.join(meeting));
  }

  get rank(): number {
    return this.group?.rank ?? 0;
  }

  get size(): number {
    return this.group?.size ?? 1;
  }

  /** Whether this process writes and speaks. */
  get isRankZero(): boolean {
    return this.rank === 0;
  }

  /** This process's part of `count` images. @throws TwoviewError CONFIG_INVALID when they cannot be cut evenly */
  part(count: number): { from: number; count: number } {
    const each = count / this.size;
    if (!Number.isInteger(each)) {
      throw new TwoviewError('CONFIG_INVALID', {
        what: `a batch of ${count} images cannot be cut into ${this.size} equal parts, one for each process`,
        where: `--batch-size ${count}`,
        next: [`--batch-size ${Math.max(1, Math.round(each)) * this.size}`, 'another number of processes'],
      });
    }
    return { from: this.rank * each, count: each };
  }

  /** @param value anything that JSON holds @returns what process 0 gave */
  broadcast<T>(value: T): T {
    const { group } = this;
    if (group === null) return value;
    return torch.scope(() => {
      const text = Buffer.from(JSON.stringify(value));
      const length = group.broadcast_(torch.tensor([text.length], { dtype: 'int64' })).item();
      const mine = this.isRankZero ? text : Buffer.alloc(length);
      const bytes = group.broadcast_(torch.tensor([...mine], { dtype: 'uint8' }));
      return JSON.parse(Buffer.from(bytes.toTypedArray() as Uint8Array).toString());
    });
  }

  /** @param tensors any; those of process 0 count @returns its tensors, by the same names */
  broadcastTensors(tensors: Record<string, Tensor>): Record<string, Tensor> {
    const { group } = this;
    if (group === null) return tensors;
    const listed = Object.entries(tensors).map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
    return Object.fromEntries(
      this.broadcast(listed).map(({ name, shape, dtype }) => {
        const tensor = this.isRankZero
          ? tensors[name]!.detach().clone({ memoryFormat: 'contiguous' })
          : torch.zeros([...shape], { dtype });
        return [name, group.broadcast_(tensor)];
      }),
    );
  }

  /** Replaces every gradient by its sum over the processes. */
  sumGradients(parameters: readonly Tensor[]): void {
    const { group } = this;
    if (group === null) return;
    torch.scope(() =>
      torch.noGrad(() => {
        const gradients = parameters.flatMap(({ grad }) => grad ?? []);
        const flat = group.allReduce_(torch.cat(gradients.map((one) => one.flatten())));
        let from = 0;
        for (const one of gradients) {
          one.copy_(flat.narrow(0, from, one.numel()).reshape([...one.shape]));
          from += one.numel();
        }
      }),
    );
  }

  /** Whether it is true in any process. */
  any(flag: boolean): boolean {
    return this.#over(flag ? 1 : 0, 'max') > 0;
  }

  mean(value: number): number {
    return this.#over(value, 'mean');
  }

  #over(value: number, how: 'max' | 'mean'): number {
    const { group } = this;
    if (group === null) return value;
    return torch.scope(() => group.allReduce_(torch.tensor([value], { dtype: 'float64' }), how).item());
  }

  [Symbol.dispose](): void {
    this.group?.[Symbol.dispose]();
  }
}
