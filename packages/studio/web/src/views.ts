/** @file The six views, in the order of the page. */
export const VIEWS = [
  { id: 'images', name: 'Images', key: 'i' },
  { id: 'map', name: 'Map', key: 'm' },
  { id: 'label', name: 'Label', key: 'l' },
  { id: 'accuracy', name: 'How good is it?', key: 'a' },
  { id: 'suspects', name: 'Suspects', key: 's' },
  { id: 'runs', name: 'Runs', key: 'r' },
] as const;
export type ViewId = (typeof VIEWS)[number]['id'];
