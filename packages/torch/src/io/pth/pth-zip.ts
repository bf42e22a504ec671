/** @file torch.save's own format since PyTorch 1.6: a zip file of a pickle (data.pkl) and one member a storage (data/0 ...). */
import { ITEM_SIZE } from '../../dtype.js';
import { TorchError } from '../../error.js';
import { mapFile } from '../mapping.js';
import { type OpenFile, withFile } from '../read-file.js';
import { checkCrc, type ZipEntry, zipEntries } from '../zip-entries.js';
import { unpickle } from './pickle.js';
import { torchOptions } from './torch-globals.js';
import { type StorageId, TorchStorages } from './torch-storages.js';

type Members = Map<string, ZipEntry>;

/** @throws TorchError PTH_FORMAT, PICKLE_FORBIDDEN, PICKLE_CORRUPT; Error saying what is wrong with the zip file */
export async function loadZip(path: string, { copy }: { copy: boolean }): Promise<unknown> {
  let root = '';
  const members = await zipEntries(path, (names) => {
    root = rootOf(names, path);
  });
  return withFile(path, (file) => {
    const pickle = read(file, members, `${root}data.pkl`);
    const order = members.has(`${root}byteorder`) ? read(file, members, `${root}byteorder`).toString() : 'little';
    if (order !== 'little') {
      throw new TorchError('PTH_FORMAT', `this file was written with byte order ${order.slice(0, 20)}`, {
        where: path,
      });
    }
    const mapping = mapFile(path, file.bytes);
    const storages = new TorchStorages(mapping, (id) => place(file, members, `${root}data/${id.key}`, id), { copy });
    let failed = true;
    try {
      const value = unpickle(
        pickle,
        torchOptions(path, storages, () => {}),
      );
      failed = false;
      return value;
    } finally {
      storages.close({ failed });
      mapping.dispose();
    }
  });
}

/** The folder inside of the zip file, by default the name that the file had. */
function rootOf(names: string[], path: string): string {
  const pickle = names.find((name) => /^([^/]+\/)?data\.pkl$/.test(name));
  if (pickle === undefined) throw new Error('it is a zip file, but not one of PyTorch: it holds no data.pkl');
  const root = pickle.slice(0, -'data.pkl'.length);
  if (names.includes(`${root}constants.pkl`)) {
    throw new TorchError('PTH_FORMAT', 'this file is a TorchScript program, not tensors', {
      where: path,
      next: ['in Python: torch.save(torch.jit.load(path).state_dict(), other)'],
    });
  }
  return root;
}

function member(members: Members, name: string): ZipEntry {
  const entry = members.get(name);
  if (entry === undefined) throw new Error(`${name} is missing`);
  return entry;
}

function read(file: OpenFile, members: Members, name: string): Buffer {
  const entry = member(members, name);
  checkCrc(file, entry);
  return file.read(entry.begin, entry.bytes);
}

function place(file: OpenFile, members: Members, name: string, { dtype, length }: StorageId): number {
  const entry = member(members, name);
  const bytes = length * ITEM_SIZE[dtype];
  if (entry.bytes !== bytes) throw new Error(`${name} has ${entry.bytes} bytes where ${length} ${dtype} take ${bytes}`);
  checkCrc(file, entry);
  return entry.begin;
}
