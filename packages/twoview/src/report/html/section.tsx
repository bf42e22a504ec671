/** @file Sections of a report, and the links to them. */
import type { ComponentChildren } from 'preact';

export interface Section {
  title: string;
  body: ComponentChildren;
}

const idOf = (title: string) => title.toLowerCase().replaceAll(/[^a-z]+/g, '-');

export const Sections = ({ sections }: { sections: readonly Section[] }) =>
  sections.map(({ title, body }) => (
    <>
      <h2 id={idOf(title)}>{title}</h2>
      {body}
    </>
  ));

export const Contents = ({ sections }: { sections: readonly Section[] }) => (
  <nav aria-label="Contents">
    <ul>
      {sections.map(({ title }) => (
        <li>
          <a href={`#${idOf(title)}`}>{title}</a>
        </li>
      ))}
    </ul>
  </nav>
);
