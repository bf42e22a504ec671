/**
 * @file One listener for keys. What was added last is asked first, so that an open dialog comes before its view, and a view
 * before the page; keys typed into a field belong to the field.
 */
/** true: the key was for it; 'browser': it is the browser's, and for nobody behind. */
export type Taken = boolean | 'browser';
type Handler = (event: KeyboardEvent) => Taken;
const handlers: Handler[] = [];

/** @param handler returns whether the key was for it @returns a function that takes it away again */
export function onKeys(handler: Handler): () => void {
  handlers.push(handler);
  return () => {
    handlers.splice(handlers.indexOf(handler), 1);
  };
}

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.closest('input:not([type=checkbox], [type=range], [type=radio]), textarea, select') !== null;

/** @param first is asked before all others: the second key of two */
export function startKeys(first: Handler): () => void {
  const listener = (event: KeyboardEvent) => {
    if (event.defaultPrevented || typing(event.target)) return;
    for (const handler of [first, ...handlers.toReversed()]) {
      const taken = handler(event);
      if (taken === false) continue;
      if (taken === true) event.preventDefault();
      return;
    }
  };
  addEventListener('keydown', listener);
  return () => removeEventListener('keydown', listener);
}

/** Without Ctrl, Alt or Command. */
export const bare = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey;

/**
 * Whether Enter is for the view rather than for the button that has the focus. A tab that was clicked is open already, and a picture
 * that was taken out by a click must not come back by the Enter that accepts the others; the space bar presses both.
 */
export function entersView(event: KeyboardEvent): boolean {
  const focus = document.activeElement;
  return (
    event.key === 'Enter' && (!(focus instanceof HTMLButtonElement) || focus.matches('[role=tab], [aria-pressed]'))
  );
}
