/** @file A zip file of stored members for tests, right or wrong in one chosen place. Source: PKWARE's APPNOTE 6.3, 4.3. */
import { crc32 } from 'node:zlib';

export interface Member {
  name: string;
  data: Uint8Array;
  crc?: number;
  /** 8 is deflate. */
  method?: number;
  /** What the headers claim. */
  size?: number;
  /** Bit 0 is encryption. */
  flags?: number;
  /** The place of another member's header instead of its own. */
  at?: number;
}

export function makeZip(members: Member[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data, crc = crc32(data), method = 0, size = data.length, flags = 0, at = offset } of members) {
    const path = Buffer.from(name);
    const fields = Buffer.alloc(26); // the fields that both headers share, from "version needed" on
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc, 10);
    fields.writeUInt32LE(method === 0 ? size : data.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(path.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), fields, path, Buffer.from(data));
    const tail = Buffer.alloc(14); // comment, disk, attributes, place
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, path);
    offset += 30 + path.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, directory, end]);
}
