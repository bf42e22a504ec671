/** @file Texts below each other, in a cell of a table for instance. */
import type { ComponentChildren } from 'preact';

export const Lines = ({ of }: { of: readonly ComponentChildren[] }) =>
  of.map((line, i) => (
    <>
      {i > 0 && <br />}
      {line}
    </>
  ));
