/** @file .pth files, as torch.save writes them, without running anything that lies in them. */
import { TorchError } from '../../error.js';
import { withFile } from '../read-file.js';
import { loadLegacy } from './pth-legacy.js';
import { loadZip } from './pth-zip.js';

export { findStateDict } from './find-state-dict.js';
export { type Savable, save } from './pth-save.js';

const ZIP = 'PK';
const PICKLE = 0x80;
const TAR_MARK = { at: 257, text: 'ustar' };

/**
 * What was saved: tensors on the CPU, dicts as Map, lists and tuples as arrays, dtypes and devices as their names, numpy's
 * arrays as NumpyArray. Strides, shared memory and requires_grad are kept. Tensors look into a private mapping of the file
 * (see mapping.ts); every byte is read once to check it.
 *
 * @param options mmap: false copies the tensors into memory of their own
 * @throws TorchError PICKLE_FORBIDDEN where a file wants to call something, PICKLE_CORRUPT, PTH_CORRUPT, PTH_FORMAT, FILE_ACCESS
 */
export async function load(path: string, { mmap = true }: { mmap?: boolean } = {}): Promise<unknown> {
  const head = withFile(path, (file) => file.read(0, 512));
  try {
    if (head.toString('latin1', 0, 2) === ZIP) return await loadZip(path, { copy: !mmap });
    if (head[0] === PICKLE) return loadLegacy(path, { copy: !mmap });
  } catch (error) {
    if (error instanceof TorchError) throw error;
    throw new TorchError(
      'PTH_CORRUPT',
      `this is no whole .pth file: ${error instanceof Error ? error.message : error}`,
      {
        where: path,
        next: [
          'copy or download the file again',
          'or in Python: torch.save(torch.load(path, weights_only=True), other)',
        ],
        cause: error,
      },
    );
  }
  if (head.toString('latin1', TAR_MARK.at, TAR_MARK.at + TAR_MARK.text.length) === TAR_MARK.text) {
    throw new TorchError('PTH_FORMAT', 'this file is a tar archive, as PyTorch wrote it before 0.1.10', {
      where: path,
      next: ['in Python: torch.save(torch.load(path), other)'],
    });
  }
  throw new TorchError('PTH_CORRUPT', 'this is no .pth file: it starts like neither a zip file nor a pickle', {
    where: path,
    next: ['a download that failed often leaves a web page or a text: look into it'],
  });
}
