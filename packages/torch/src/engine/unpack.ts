/** @file The wanted files of a zip archive (a wheel is one) into a folder, streamed. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

export interface UnpackOptions {
  wanted: (path: string) => boolean;
  /** Bytes of packed data passed so far. */
  onBytes?: (done: number) => void;
}

/** yauzl refuses names that lead out of the folder. @returns the number of files written */
export async function unpack(archive: string, folder: string, { wanted, onBytes }: UnpackOptions): Promise<number> {
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) =>
    yauzl.open(archive, { lazyEntries: true, autoClose: true }, (error, file) =>
      error ? reject(error) : resolve(file),
    ),
  );
  let files = 0;
  let bytes = 0;
  return new Promise((resolve, reject) => {
    zip.on('error', reject);
    zip.on('end', () => resolve(files));
    zip.on('entry', (entry: yauzl.Entry) => {
      bytes += entry.compressedSize;
      onBytes?.(bytes);
      if (entry.fileName.endsWith('/') || !wanted(entry.fileName)) return zip.readEntry();
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error);
        const target = join(folder, entry.fileName);
        mkdirSync(dirname(target), { recursive: true });
        files++;
        pipeline(stream, createWriteStream(target)).then(() => zip.readEntry(), reject);
      });
    });
    zip.readEntry();
  });
}
