/**
 * @file A zip file whose members are stored as they are, written in one go: what torch.save makes. Source: APPNOTE.TXT 6.3.9 of PKWARE,
 * sections 4.3 and 4.5.3 (sizes beyond 4 GiB).
 */
import { writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { writeAll } from './atomic.js';

const ALIGNMENT = 64; // as PyTorch's own, for readers that map the file
const BIG = 0xffffffff;
/** 1980-01-01: equal contents give equal files. */
const DATE = 0x21;

interface Member {
  name: Buffer;
  offset: number;
  bytes: number;
  crc: number;
}

export class ZipWriter {
  readonly #file: number;
  readonly #members: Member[] = [];
  #at = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** @param write is given a function that must see all bytes that are written */
  add(name: string, write: (seen: (bytes: Uint8Array) => void) => void): void {
    const member: Member = { name: Buffer.from(name), offset: this.#at, bytes: 0, crc: 0 };
    const padding = ALIGNMENT - ((this.#at + 30 + member.name.length + 20 + 4) % ALIGNMENT);
    // The header's place is kept; sizes and checksum are known at the end.
    const length = this.#header(member, padding).length;
    this.#put(Buffer.alloc(length));
    write((bytes) => {
      member.bytes += bytes.length;
      member.crc = crc32(bytes, member.crc);
    });
    this.#at += member.bytes;
    writeSync(this.#file, this.#header(member, padding), 0, length, member.offset);
    this.#members.push(member);
  }

  addBytes(name: string, bytes: Uint8Array): void {
    this.add(name, (seen) => {
      seen(bytes);
      writeAll(this.#file, bytes);
    });
  }

  /** The list of members, without which there is no zip file. */
  close(): void {
    const begin = this.#at;
    for (const member of this.#members) this.#put(central(member));
    const size = this.#at - begin;
    this.#put(end(this.#members.length, begin, size));
  }

  #put(bytes: Buffer): void {
    writeAll(this.#file, bytes);
    this.#at += bytes.length;
  }

  /** With the 64-bit sizes always, so that its length does not depend on them. */
  #header({ name, bytes, crc }: Member, padding: number): Buffer {
    const fixed = Buffer.alloc(30);
    fixed.writeUInt32LE(0x04034b50, 0);
    fixed.writeUInt16LE(45, 4);
    fixed.writeUInt16LE(0x800, 6); // names are UTF-8
    fixed.writeUInt16LE(DATE, 12);
    fixed.writeUInt32LE(crc, 14);
    fixed.writeUInt32LE(BIG, 18);
    fixed.writeUInt32LE(BIG, 22);
    fixed.writeUInt16LE(name.length, 26);
    fixed.writeUInt16LE(20 + 4 + padding, 28);
    const filler = Buffer.alloc(4 + padding, 'Z');
    filler.write('FB');
    filler.writeUInt16LE(padding, 2);
    return Buffer.concat([fixed, name, wide(bytes, bytes), filler]);
  }
}

/** The extra field of 64-bit numbers. */
function wide(...numbers: number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * numbers.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * numbers.length, 2);
  for (const [i, number] of numbers.entries()) field.writeBigUInt64LE(BigInt(number), 4 + 8 * i);
  return field;
}

function central({ name, offset, bytes, crc }: Member): Buffer {
  const fixed = Buffer.alloc(46);
  fixed.writeUInt32LE(0x02014b50, 0);
  fixed.writeUInt16LE(45, 4);
  fixed.writeUInt16LE(45, 6);
  fixed.writeUInt16LE(0x800, 8);
  fixed.writeUInt16LE(DATE, 14);
  fixed.writeUInt32LE(crc, 16);
  fixed.writeUInt32LE(BIG, 20);
  fixed.writeUInt32LE(BIG, 24);
  fixed.writeUInt16LE(name.length, 28);
  fixed.writeUInt16LE(28, 30);
  fixed.writeUInt32LE(BIG, 42);
  return Buffer.concat([fixed, name, wide(bytes, bytes, offset)]);
}

function end(count: number, begin: number, size: number): Buffer {
  const record = Buffer.alloc(56 + 20 + 22);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(begin), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(begin + size), 64);
  record.writeUInt32LE(1, 72);
  record.writeUInt32LE(0x06054b50, 76);
  record.writeUInt16LE(Math.min(count, 0xffff), 84);
  record.writeUInt16LE(Math.min(count, 0xffff), 86);
  record.writeUInt32LE(BIG, 88);
  record.writeUInt32LE(BIG, 92);
  return record;
}
