/** @file What several answers share. */
import type { LabelAnswer, State } from '../api.js';
import type { Studio } from '../studio.js';

export function labelAnswer({ project }: Studio, by: string): LabelAnswer {
  const { table, labels } = project;
  return {
    revision: table.revision,
    classes: project.counted(),
    accuracy: null,
    canUndo: labels.canUndo(by),
    canRedo: labels.canRedo(by),
  };
}

/** What the other tabs are told of a change, and what learns from it. */
export function announce({ bus, project, predictions }: Studio, images: number[], by: string): void {
  bus.emit({ type: 'labels', revision: project.table.revision, classes: project.counted(), images, by });
  predictions.changed();
}

export function stateOf({ source, project, encoder, runs, works, options }: Studio): State {
  const { labels, table, exam } = project;
  const people = labels.people();
  const last = people[0] ?? '';
  return {
    source: options.source,
    name: source.name,
    project: project.folder,
    phase: source.phase,
    failure: source.failure ?? encoder.failure,
    images: table.count,
    parts: project.parts(),
    classes: project.counted(),
    encoder: encoder.info && { ...encoder.info, run: runs.idOf(encoder.info.weights) },
    people,
    exam: exam.state,
    ignored: source.ignored(),
    notes: source.notes,
    work: works.all,
    revision: table.revision,
    canUndo: labels.canUndo(last),
    canRedo: labels.canRedo(last),
  };
}
