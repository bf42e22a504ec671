/** @file The HTML document around a report. What stands in it is escaped by preact, which renders it to text. */
import type { ComponentChildren } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Style } from './raw.js';

/** @param more CSS of this page alone @returns the whole document, which needs no other file */
export function pageOf(title: string, body: ComponentChildren, more = ''): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <Style more={more} />
      </head>
      <body>
        <main>{body}</main>
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
}
