/** @file A table with a caption and headings for rows and columns. */
import type { ComponentChildren } from 'preact';

interface TableProps {
  caption: string;
  head: ComponentChildren[];
  /** The first cell of each row is its name. */
  rows: ComponentChildren[][];
}

export const Table = ({ caption, head, rows }: TableProps) => (
  // A box that scrolls must be reachable by keyboard.
  <section class="wide" aria-label={caption} tabindex={0}>
    <table>
      <caption>{caption}</caption>
      <thead>
        <tr>
          {head.map((cell) => (
            <th scope="col">{cell}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, ...cells]) => (
          <tr>
            <th scope="row">{name}</th>
            {cells.map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
