/**
 * @file Where the members of a zip file lie, for files whose members are stored and not compressed, as PyTorch's are. A
 * compressed member is refused, and so is one that overlaps another: neither can then grow beyond the file's own size.
 */
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import { type OpenFile, withFile } from './read-file.js';

const MOST_ENTRIES = 1_000_000;
const LOCAL_HEADER = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const CHUNK = 4 << 20;

export interface ZipEntry {
  name: string;
  /** Bytes from the start of the file. */
  begin: number;
  bytes: number;
  crc32: number;
}

/**
 * @param lookAtNames may refuse the file by the names of its members alone, before any is looked for
 * @throws Error saying what is wrong with the file; names with `..`, backslashes or a leading slash are refused
 */
export async function zipEntries(
  path: string,
  lookAtNames: (names: string[]) => void = () => {},
): Promise<Map<string, ZipEntry>> {
  const listed = await centralDirectory(path);
  lookAtNames(listed.map((entry) => entry.fileName));
  return withFile(path, (file) => {
    const entries = new Map<string, ZipEntry>();
    for (const entry of listed) {
      if (entries.has(entry.fileName)) throw new Error(`it holds ${entry.fileName} twice`);
      entries.set(entry.fileName, located(entry, file));
    }
    refuseOverlaps([...entries.values()]);
    return entries;
  });
}

/** @throws Error when the bytes of a member are not those that were written */
export function checkCrc(file: OpenFile, entry: ZipEntry): void {
  let value = 0;
  for (let done = 0; done < entry.bytes; done += CHUNK) {
    value = crc32(file.read(entry.begin + done, Math.min(CHUNK, entry.bytes - done)), value);
  }
  if (value !== entry.crc32) throw new Error(`the bytes of ${entry.name} do not fit their checksum`);
}

async function centralDirectory(path: string): Promise<Entry[]> {
  const { open } = (await import('yauzl')).default; // here, since most programs read no zip file and all would wait for it
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, validateEntrySizes: false }, (failed, zip) => {
      if (failed) return reject(failed);
      const entries: Entry[] = [];
      zip.on('error', reject);
      zip.on('end', () => resolve(entries));
      zip.on('entry', (entry: Entry) => {
        entries.push(entry);
        zip.readEntry();
      });
      if (zip.entryCount > MOST_ENTRIES) {
        zip.close();
        return reject(new Error(`it claims ${zip.entryCount} members`));
      }
      zip.readEntry();
    });
  });
}

function located(entry: Entry, file: OpenFile): ZipEntry {
  const { fileName: name, compressionMethod, generalPurposeBitFlag, compressedSize, uncompressedSize } = entry;
  if (compressionMethod !== 0 || compressedSize !== uncompressedSize) throw new Error(`${name} is compressed`);
  if ((generalPurposeBitFlag & 1) !== 0) throw new Error(`${name} is encrypted`);
  const header = file.read(entry.relativeOffsetOfLocalHeader, LOCAL_HEADER);
  if (header.length < LOCAL_HEADER || header.readUInt32LE() !== LOCAL_SIGNATURE)
    throw new Error(`${name} has no header`);
  const begin = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (begin + uncompressedSize > file.bytes) throw new Error(`${name} does not fit into the file`);
  return { name, begin, bytes: uncompressedSize, crc32: entry.crc32 };
}

function refuseOverlaps(entries: ZipEntry[]): void {
  let end = 0;
  for (const entry of entries.sort((a, b) => a.begin - b.begin)) {
    if (entry.begin < end) throw new Error(`${entry.name} overlaps another member`);
    end = entry.begin + entry.bytes;
  }
}
