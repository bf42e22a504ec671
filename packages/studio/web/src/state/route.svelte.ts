/** @file Which view is open, as the address's hash, so that back, forward and bookmarks work. */

import { VIEWS, type ViewId } from '../views.js';

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
