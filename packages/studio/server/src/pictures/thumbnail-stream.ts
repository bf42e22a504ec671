/**
 * @file Many thumbnails in one answer, each as soon as it is drawn: a request for every picture takes a browser longer than to decode
 * it. Each is a frame of eight bytes, number of the image and length of what follows as little-endian uint32, and its bytes; none
 * follow where it cannot be shown.
 */

const HEADER = 8;

/** @param ids the most urgent one first @param draw the bytes of an image; where it fails, the frame is empty */
export function thumbnailStream(
  ids: readonly number[],
  draw: (id: number) => Promise<Buffer>,
): ReadableStream<Uint8Array> {
  let open = true;
  return new ReadableStream({
    cancel: () => {
      open = false;
    },
    async start(stream) {
      let ready: Buffer[] = [];
      const send = () => {
        if (open && ready.length > 0) stream.enqueue(new Uint8Array(Buffer.concat(ready)));
        ready = [];
      };
      await Promise.all(
        ids.toReversed().map(async (id) => {
          // what is asked for last is drawn first
          const bytes = await draw(id).catch(() => Buffer.alloc(0));
          if (ready.length === 0) setImmediate(send); // those that are ready together go together
          ready.push(headerOf(id, bytes.length), bytes);
        }),
      );
      send();
      if (open) stream.close();
      open = false;
    },
  });
}

function headerOf(id: number, length: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(id, 0);
  header.writeUInt32LE(length, 4);
  return header;
}
