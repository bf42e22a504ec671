/**
 * @file torch.save's format before PyTorch 1.6: five pickles behind each other (magic number, version, machine, the value,
 * the keys of the storages), then each storage as its length and its bytes. The value is read twice: first for where it
 * ends and what the storages are, then with them.
 */
import { ITEM_SIZE } from '../../dtype.js';
import { mapFile } from '../mapping.js';
import { type OpenFile, withFile } from '../read-file.js';
import { unpickle, unpickleNext } from './pickle.js';
import { torchOptions } from './torch-globals.js';
import { type StorageId, TorchStorages } from './torch-storages.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
/** The pickles must end within this; they hold no elements. */
const MOST_PICKLE_BYTES = 256 << 20;

/** @throws TorchError PICKLE_FORBIDDEN, PICKLE_CORRUPT; Error saying what is wrong with the file */
export function loadLegacy(path: string, { copy }: { copy: boolean }): unknown {
  return withFile(path, (file) => {
    const bytes = file.read(0, Math.min(file.bytes, MOST_PICKLE_BYTES));
    const found = new Map<string, StorageId>();
    const dry = torchOptions(path, null, (id) => found.set(id.key, id));
    const magic = unpickleNext(bytes, 0, dry);
    if (magic.value !== MAGIC) throw new Error('it is a pickle, but not one of torch.save');
    const protocol = unpickleNext(bytes, magic.end, dry);
    const machine = unpickleNext(bytes, protocol.end, dry);
    const little = machine.value instanceof Map && machine.value.get('little_endian');
    if (protocol.value !== PROTOCOL || little !== true) throw new Error('its version or byte order is unknown');
    const value = unpickleNext(bytes, machine.end, dry);
    const keys = unpickleNext(bytes, value.end, dry);
    const places = placesOf(file, keys.value, keys.end, found);
    const mapping = mapFile(path, file.bytes);
    const place = (id: StorageId): number => places.get(id.key) ?? missing(id.key);
    const storages = new TorchStorages(mapping, place, { copy });
    let failed = true;
    try {
      const result = unpickle(
        bytes.subarray(machine.end, value.end),
        torchOptions(path, storages, () => {}),
      );
      failed = false;
      return result;
    } finally {
      storages.close({ failed });
      mapping.dispose();
    }
  });
}

function missing(key: unknown): never {
  throw new Error(`storage ${String(key)} is missing`);
}

function placesOf(file: OpenFile, keys: unknown, start: number, found: Map<string, StorageId>): Map<string, number> {
  if (!Array.isArray(keys)) throw new Error('it has no list of storages');
  const places = new Map<string, number>();
  let at = start;
  for (const key of keys) {
    const id = found.get(String(key)) ?? missing(key);
    const head = file.read(at, 8);
    if (head.length < 8) throw new Error('it ends before its last storage');
    const length = Number(head.readBigInt64LE());
    if (length !== id.length)
      throw new Error(`storage ${id.key} has ${length} elements where ${id.length} are announced`);
    places.set(id.key, at + 8);
    at += 8 + length * ITEM_SIZE[id.dtype];
    if (at > file.bytes) throw new Error('it ends before its last storage');
  }
  return places;
}
