/** @file Steps that follow each other, with arrows between them. */
import type { ComponentChildren } from 'preact';

/** @param name what the steps are, for screen readers */
export const Flow = ({ name, steps }: { name: string; steps: { title: string; text: ComponentChildren }[] }) => (
  <ol class="flow" aria-label={name}>
    {steps.map(({ title, text }) => (
      <li>
        <b>{title}</b>
        {text}
      </li>
    ))}
  </ol>
);
