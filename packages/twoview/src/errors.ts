/** @file The one error class of twoview, and every code it can carry. */

/** Every code, once: the type of `code`, the exit status and docs/errors.md come from this table. */
export const ERRORS = {
  BATCH_TOO_LARGE: { exit: 2, meaning: 'a batch is larger than the set it is drawn from' },
  BUDGET_TOO_LARGE: { exit: 2, meaning: 'more images are to be chosen for labelling than there are to choose from' },
  CACHE_ACCESS: { exit: 1, meaning: 'the data cache cannot be written or read' },
  CONFIG_INVALID: { exit: 2, meaning: 'settings are unknown, missing or out of range; all of them are listed' },
  DATA_CONFLICT: { exit: 2, meaning: 'one image is said to be of two classes or in two splits' },
  DATA_CORRUPT: { exit: 2, meaning: 'an image or data file is damaged' },
  DATA_EMPTY: { exit: 2, meaning: 'there are no images where they are expected' },
  DATA_LAYOUT: { exit: 2, meaning: 'the folders of a set could mean several things, or leave images out' },
  DATA_NOT_FOUND: { exit: 2, meaning: 'a data source does not exist' },
  DATA_TOO_LARGE: { exit: 2, meaning: 'an image has more pixels than can be decoded; the limit is named' },
  DATA_UNREADABLE: { exit: 2, meaning: 'a file or folder of a set may not be read, or has a name that cannot be' },
  DATA_UNSUPPORTED: { exit: 2, meaning: 'an image is sound, and of a kind that is not read here' },
  DISK_FULL: { exit: 1, meaning: 'a write failed because the disk is full; nothing half written was left' },
  EXAM_INVALID: {
    exit: 2,
    meaning: 'what was given about an exam cannot be: lengths, counts, classes or certainties do not fit',
  },
  FRACTION_TOO_SMALL: { exit: 2, meaning: 'a label fraction leaves a class without an image' },
  INTERRUPTED: { exit: 130, meaning: 'stopped by Ctrl-C; what was done is kept' },
  LABELS_MISSING: { exit: 2, meaning: 'a task that needs labels was given images without them' },
  LOSS_NOT_FINITE: { exit: 1, meaning: 'the loss became infinite or not a number; the last good checkpoint is kept' },
  MODEL_UNKNOWN: { exit: 2, meaning: 'no network has this name' },
  RANKED_BY_TEST: { exit: 2, meaning: 'runs can only be ranked by test images, which must choose nothing' },
  RUN_CONFIG_MISMATCH: { exit: 2, meaning: '--resume names a run that was made with other settings' },
  RUN_CORRUPT: { exit: 2, meaning: 'a file in a run folder is damaged' },
  RUN_DATA_CHANGED: { exit: 2, meaning: 'the images of a run that is resumed are others than it began with' },
  RUN_EXISTS: { exit: 2, meaning: 'the output folder already holds something' },
  RUN_LOCKED: { exit: 2, meaning: 'another process works on this run folder' },
  RUN_NOT_FOUND: { exit: 2, meaning: 'this folder holds no run' },
  STOPPED: { exit: 75, meaning: 'stopped at a checkpoint and can be resumed' },
  STUDIO_MISSING: { exit: 1, meaning: 'the package of the studio is not installed' },
  STUDIO_PORT: { exit: 1, meaning: 'the studio cannot listen on this address' },
  STUDIO_PROJECT: { exit: 2, meaning: 'a project of the studio is in use, of other images, or damaged' },
  TABLE_INVALID: { exit: 2, meaning: 'a table cannot be read without guessing: encoding, columns, words or quotes' },
  TEMPERATURE_RANGE: { exit: 2, meaning: 'the temperature of a loss must be positive' },
  VIEWS_MISMATCH: { exit: 2, meaning: 'the two batches of projections do not belong together' },
  WEIGHTS_CORRUPT: {
    exit: 2,
    meaning: 'what a weights file says of itself cannot be read, or what it computes is not finite',
  },
  WEIGHTS_MISMATCH: { exit: 2, meaning: 'weights are of another network than the one named' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Something the user can fix. Codes are public: never renamed, never used twice. */
export class TwoviewError extends Error {
  override readonly name = 'TwoviewError';
  readonly code: ErrorCode;

  constructor(
    code: ErrorCode,
    { what, where, next, cause }: { what: string; where: string; next: string[]; cause?: unknown },
  ) {
    super(
      `${what}\n  where  ${where}\n  next   ${next.join('\n         ')}\n  code   ${code}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
  }
}
