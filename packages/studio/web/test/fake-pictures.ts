/** @file Pictures like CIFAR's, drawn here: ten classes, each with a form and colours of its own, no two quite the same. */

import sharp from 'sharp';
import { thumbnailStream } from '../../server/src/pictures/thumbnail-stream.js';

export const CLASS_NAMES = ['airplane', 'car', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
/** Pictures that differ; an image's picture is one of its class. */
const KINDS = 40;

/** Numbers from 0 to 1 that depend on their seed alone (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FORMS = [
  '<path d="M4 18 28 12 30 15 18 18 14 26 12 19z"/>',
  '<path d="M3 22v-5l5-1 4-5h9l4 5 4 2v4z"/><circle cx="9" cy="23" r="3"/><circle cx="23" cy="23" r="3"/>',
  '<path d="M4 18q8-10 13-2l8-6q-2 14-13 14-6 0-8-6z"/>',
  '<path d="M8 28V12l1-6 5 4h5l5-4 1 6v16z"/>',
  '<path d="M9 28V16l-2-3 4-1 1-7 2 6 2-6 1 8 9 4v11h-3v-8h-9v8z"/>',
  '<path d="M5 28V13l-2 3V8l7-2 6 5h9l4 7v10h-4v-7H10v7z"/>',
  '<ellipse cx="16" cy="19" rx="12" ry="8"/><circle cx="9" cy="11" r="4"/><circle cx="23" cy="11" r="4"/>',
  '<path d="M4 12l5-6 4 6h13l3 5-1 11h-3v-9H13v9h-3V16l-5-1z"/>',
  '<path d="M3 20h26l-4 7H8zM10 19V9h5v10zM17 19V6h3v13z"/>',
  '<path d="M2 8h17v15H2zM20 13h6l4 5v5H20z"/><circle cx="8" cy="24" r="3"/><circle cx="24" cy="24" r="3"/>',
];

const drawn = new Map<string, Promise<Buffer>>();

/** @returns webp of a picture of this class */
export function pictureOf(image: number, label: number, size: number): Promise<Buffer> {
  const kind = image % KINDS;
  const key = `${label}-${kind}-${size}`;
  let picture = drawn.get(key);
  if (!picture) {
    picture = draw(label, kind, size);
    drawn.set(key, picture);
  }
  return picture;
}

function draw(label: number, kind: number, size: number): Promise<Buffer> {
  const random = randomFrom(label * 1000 + kind);
  const hue = Math.floor(random() * 360);
  const [sky, ground] = [
    `hsl(${hue} 30% ${50 + 30 * random()}%)`,
    `hsl(${(hue + 60) % 360} 25% ${30 + 30 * random()}%)`,
  ];
  const body = `hsl(${Math.floor(random() * 360)} ${20 + 40 * random()}% ${15 + 65 * random()}%)`;
  const turn = (random() - 0.5) * 24;
  const flip = random() < 0.5 ? -1 : 1;
  const scale = 0.7 + 0.4 * random();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">
    <rect width="32" height="32" fill="${sky}"/><rect y="${14 + 8 * random()}" width="32" height="20" fill="${ground}"/>
    <g fill="${body}" transform="translate(16 16) rotate(${turn}) scale(${flip * scale} ${scale}) translate(-16 -16)">${FORMS[label]}</g></svg>`;
  return sharp(Buffer.from(svg))
    .resize(32, 32)
    .blur(0.5)
    .resize(size, size, { kernel: 'cubic' })
    .webp({ quality: 82 })
    .toBuffer();
}

/** As the server sends them. */
export const framesOf = async (ids: readonly number[], draw: (id: number) => Promise<Buffer>): Promise<Buffer> =>
  Buffer.from(await new Response(thumbnailStream(ids, draw)).arrayBuffer());
