/** @file Functions of the library, one after the other in one process: what a job of check D does. */
import { library, torch } from './parts.mjs';
import { saveImages } from './pixels.mjs';

/** Of a result, what is long and can be computed again. */
const LEFT_OUT = ['predicted', 'pictures', 'predictions', 'encoder', 'cells', 'inspections'];

/** @param steps [name of the function, its options] @returns what each returned, with its name and seconds */
export async function runChain({ steps, device }, report) {
  const results = [];
  const onEvent = ({ type, text }) => ['note', 'warning'].includes(type) && console.log(text);
  for (const [name, options] of steps) {
    const began = performance.now();
    const result = await library[name]({ ...options, onEvent });
    const kept = Object.entries(result).filter(([key]) => !LEFT_OUT.includes(key));
    results.push({ step: name, took: (performance.now() - began) / 1000, ...Object.fromEntries(kept) });
    report({ steps: results });
  }
  return { steps: results, memory: device === 'cpu' ? null : torch.cuda.memory(device) };
}

/** Training images alone, of which some become test images: what settings are chosen on. */
export async function holdOut({ data, file, count, seed }) {
  await torch.load();
  const { train, name, classes } = await library.openImages(data);
  const order = torch.randperm(train.count, { generator: new torch.Generator(seed) });
  const part = (from, size) => {
    const at = order.narrow(0, from, size);
    return { images: train.images.indexSelect(0, at), labels: train.labels.indexSelect(0, at) };
  };
  saveImages({ name, classes, train: part(count, train.count - count), test: part(0, count) }, file);
}
