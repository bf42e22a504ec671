/** @file Which view is open, as the address's hash, so that back, forward and bookmarks work. */

export const VIEWS = [
  { id: 'images', name: 'Images', key: 'i' },
  { id: 'map', name: 'Map', key: 'm' },
  { id: 'label', name: 'Label', key: 'l' },
  { id: 'accuracy', name: 'How good is it?', key: 'a' },
  { id: 'suspects', name: 'Suspects', key: 's' },
  { id: 'runs', name: 'Runs', key: 'r' },
] as const;
export type ViewId = (typeof VIEWS)[number]['id'];

const fromHash = (): ViewId => VIEWS.find(({ id }) => location.hash === `#${id}`)?.id ?? 'images';

class Route {
  view = $state<ViewId>(fromHash());
  constructor() {
    addEventListener('hashchange', () => {
      this.view = fromHash();
    });
  }
  go(view: ViewId): void {
    location.hash = view;
  }
}

export const route = new Route();
