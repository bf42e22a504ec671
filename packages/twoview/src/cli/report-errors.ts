/** @file What an error becomes on the command line: a message without a stack, and an exit status that a script can read. */
import { TorchError, type TorchErrorCode } from '@twoview/torch';
import { ERRORS, TwoviewError } from '../errors.js';
import { withCode } from '../runs/coded.js';

/** Wrong input is 2, everything else that went wrong 1. */
function exitOf(error: unknown): number {
  if (error instanceof TwoviewError) return ERRORS[error.code].exit;
  if (error instanceof TorchError) return exitOfTorch(error.code);
  return 1;
}

/** A file that the user named is wrong input; anything else of libtorch went wrong here. */
export const exitOfTorch = (code: TorchErrorCode): number => (/^(SAFETENSORS|PTH|PICKLE|FILE)_/.test(code) ? 2 : 1);

/** @returns the exit status */
export function reportError(raised: unknown, { json }: { json: boolean }): number {
  const error = withCode(raised);
  const exit = exitOf(error);
  const known = error instanceof TwoviewError || error instanceof TorchError;
  const message = error instanceof Error ? error.message : String(error);
  if (json) {
    console.log(JSON.stringify({ error: { code: known ? error.code : 'UNEXPECTED', message, exit } }));
  } else if (known) {
    console.error(`${exit === 75 ? '' : 'error: '}${message}`);
  } else {
    console.error(error instanceof Error ? error.stack : error);
    console.error(
      '\nThis is a bug in twoview. Please report it with the lines above and the output of: twoview doctor',
    );
  }
  return exit;
}
