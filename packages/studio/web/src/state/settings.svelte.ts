/** @file What this browser remembers: light or dark, and who labels. */

export type Theme = 'auto' | 'light' | 'dark';
const KEY = 'twoview-studio';

function read(): { theme: Theme; by: string } {
  try {
    return { theme: 'auto', by: '', ...JSON.parse(localStorage.getItem(KEY) ?? '{}') };
  } catch {
    // Storage is forbidden or holds something else: the page works without.
    return { theme: 'auto', by: '' };
  }
}

class Settings {
  theme = $state<Theme>('auto');
  by = $state('');
  /** Rises when the colours on screen change: what is drawn on a canvas reads it. */
  colours = $state(0);

  constructor() {
    const { theme, by } = read();
    this.theme = theme;
    this.by = by;
    this.#apply();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.colours++);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#apply();
  }
  setBy(by: string): void {
    this.by = by.trim().slice(0, 80);
    this.#save();
  }

  #apply(): void {
    document.documentElement.dataset.theme = this.theme;
    this.colours++;
    this.#save();
  }
  #save(): void {
    try {
      localStorage.setItem(KEY, JSON.stringify({ theme: this.theme, by: this.by }));
    } catch {
      // As above.
    }
  }
}

export const settings = new Settings();
