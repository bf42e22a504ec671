/** @file Pictures that one arm classifies correctly and another one does not; and a report without any picture of the data set. */
import { ARMS, type Arm } from '../config/compare.js';
import type { CellResult, ExperimentSummary } from '../experiment/summarise.js';
import { Lines } from './html/lines.js';

const SHOWN = 8;

/** The same experiment, with no image of the data set in it. */
export const withoutPictures = (summary: ExperimentSummary): ExperimentSummary => ({
  ...summary,
  cells: summary.cells.map((cell) => ({ ...cell, pictures: [] })),
  inspections: summary.inspections.map((one) => ({ ...one, views: [], neighbours: [] })),
});

export interface Disagreement {
  picture: string;
  truth: number;
  /** What the arm that is wrong says, and how sure it is. */
  named: number;
  confidence: number;
  /** What the third arm says, if there is one. */
  third: { arm: Arm; named: number } | null;
}

/** Images that `right` classifies correctly and `wrong` does not, those first of which `wrong` is most confident. */
export function disagreements(right: CellResult, wrong: CellResult, third?: CellResult): Disagreement[] {
  const pictures = new Map((wrong.pictures ?? []).map(({ index, png }) => [index, png])); // older results have none
  return wrong.metrics.mistakes
    .flatMap(({ index, truth, predicted, confidence }) => {
      const picture = pictures.get(index);
      if (picture === undefined || right.predicted?.[index] !== truth) return [];
      const says = third?.predicted?.[index];
      const other = third === undefined || says === undefined ? null : { arm: third.arm, named: says };
      return [{ picture, truth, named: predicted, confidence, third: other }];
    })
    .slice(0, SHOWN);
}

/** Images that one arm classifies correctly and another one does not. */
export interface Disagreements {
  right: Arm;
  wrong: Arm;
  list: Disagreement[];
}

/** Both ways round for one network at one label amount, first seed; empty where there is nothing to show. */
export function disagreementsOf(
  { cells }: ExperimentSummary,
  model: string,
  fraction: number,
  [better, other]: readonly [Arm, Arm],
): Disagreements[] {
  const mine = cells.filter((cell) => cell.model === model && cell.fraction === fraction);
  const seedsOf = (arm: Arm) => mine.filter((cell) => cell.arm === arm).map(({ seed }) => seed);
  const seed = Math.min(...seedsOf(better).filter((one) => seedsOf(other).includes(one)));
  const cellOf = (arm: Arm) => mine.find((cell) => cell.arm === arm && cell.seed === seed);
  const [a, b] = [cellOf(better), cellOf(other)];
  if (a === undefined || b === undefined) return [];
  const third = ARMS.filter((arm) => arm !== better && arm !== other).map(cellOf)[0];
  const both: Disagreements[] = [
    { right: better, wrong: other, list: disagreements(a, b, third) },
    { right: other, wrong: better, list: disagreements(b, a, third) },
  ];
  return both.filter(({ list }) => list.length > 0);
}

export const Strip = ({ right, wrong, list, classes }: Disagreements & { classes: readonly string[] }) => (
  <>
    <p>
      {right} is right, {wrong} is wrong:
    </p>
    <ul class="pictures">
      {list.map(({ picture, truth, named, confidence, third }) => {
        const sure = `${Math.round(confidence * 100)} % sure`;
        const verdict = third && `${third.arm}: ${third.named === truth ? 'right' : classes[third.named]}`;
        return (
          <li>
            <img src={picture} alt={`${classes[truth]}; ${wrong} says ${classes[named]}`} width="64" height="64" />
            <b>{classes[truth]}</b>
            <br />
            not {classes[named]}
            <br />
            <small>
              <Lines of={verdict === null ? [sure] : [`${sure};`, verdict]} />
            </small>
          </li>
        );
      })}
    </ul>
  </>
);
