/** @file The fake server's answers, by address. */
import type {
  ExamState,
  ImageChanges,
  LabelAnswer,
  LabelRequest,
  RunInfo,
  State,
  StudioEvent,
} from '../src/api/types.js';
import { accuracyOf, suspectsOf } from './fake-accuracy.js';
import { framesOf, pictureOf } from './fake-pictures.js';
import { fakeCourse, fakeMetrics, fakeRun, fakeRuns, SCHEMA } from './fake-runs.js';
import type { FakeWorld } from './fake-world.js';

interface Answer {
  status?: number;
  type?: string;
  data: unknown;
  headers?: Record<string, string>;
}
type Handler = (parts: string[], query: URLSearchParams, body: unknown) => Answer | Promise<Answer>;

const missing = (status: number, code: string, what: string): Answer => ({
  status,
  data: { error: { code, what, next: '' } },
});
const PARTS = ['train', 'val', 'test'] as const;

export function routesOf(world: FakeWorld, send: (event: StudioEvent) => void): [string, Handler][] {
  const { columns } = world;
  const runs: RunInfo[] = fakeRuns();
  const free = () => [...columns.label.keys()].filter((id) => columns.label[id]! < 0 && !world.exam.has(id));
  const exam = (): ExamState | null =>
    world.exam.size === 0
      ? null
      : { size: world.exam.size, answered: world.answered.length, drawnAt: world.examDrawnAt, from: 'test' };
  const labelAnswer = (): LabelAnswer => ({
    revision: columns.revision,
    classes: world.classInfo,
    accuracy: world.summary(),
    canUndo: world.history.length > 0,
    canRedo: world.undone.length > 0,
  });
  const state = (): State => ({
    source: '/photos/animals-and-vehicles',
    name: 'animals-and-vehicles',
    project: '/photos/animals-and-vehicles.studio',
    phase: 'ready',
    failure: null,
    images: world.size,
    parts: Object.fromEntries(
      PARTS.map((part, p) => {
        const inside = [...columns.part.keys()].filter((id) => columns.part[id] === p);
        return [part, { images: inside.length, labelled: inside.filter((id) => columns.label[id]! >= 0).length }];
      }),
    ) as State['parts'],
    classes: world.classInfo,
    encoder: {
      weights: 'run-0',
      run: null as string | null,
      model: 'resnet18',
      featureSize: 512,
      done: world.size,
      total: world.size,
    },
    people: ['Ada'],
    exam: exam(),
    ignored: [
      { path: 'broken/IMG_0001.jpg', reason: 'the file ends before its picture does' },
      { path: '<img src=x onerror=alert(1)>.svg', reason: 'SVG is not read' },
    ],
    notes: [],
    work: [],
    revision: columns.revision,
    canUndo: world.history.length > 0,
    canRedo: world.undone.length > 0,
  });
  const near = (id: number, count: number) => {
    const away = (other: number) =>
      Math.hypot(
        world.positions[2 * id]! - world.positions[2 * other]!,
        world.positions[2 * id + 1]! - world.positions[2 * other + 1]!,
      );
    return free()
      .filter((other) => other !== id)
      .map((other) => ({ id: other, similarity: 1 - away(other) / 10 }))
      .sort((a, b) => b.similarity - a.similarity)
      .slice(0, count);
  };
  const back = (changed: number[]): Answer => ({ data: { ...labelAnswer(), changed } });

  return [
    ['/api/state', () => ({ data: state() })],
    [
      '/api/images',
      (_, query) => {
        const since = query.get('since');
        if (since === null) return { data: columns };
        const all = [
          ...new Set(world.changes.filter(({ revision }) => revision > Number(since)).flatMap((change) => change.ids)),
        ].sort((a, b) => a - b);
        // Small portions, so that the page has to ask for the next one.
        const ids = all.filter((id) => id >= Number(query.get('from'))).slice(0, 2);
        const next = ids.length > 0 && ids.at(-1)! < all.at(-1)! ? ids.at(-1)! + 1 : null;
        const pick = (list: number[]) => ids.map((id) => list[id]!);
        const { label, predicted, certainty, cluster, flags, revision } = columns;
        const changes: ImageChanges = {
          since: Number(since),
          revision,
          next,
          ids,
          label: pick(label),
          predicted: pick(predicted),
          certainty: pick(certainty),
          cluster: pick(cluster),
          flags: pick(flags),
        };
        return { data: changes };
      },
    ],
    [
      '/api/image/(\\d+)',
      ([text]) => {
        const id = Number(text);
        const part = PARTS[columns.part[id]!]!;
        const path = `${part}/2026-06/DSC_${String(id).padStart(5, '0')}.jpg`;
        const history = world.history.flatMap(({ by, from, at, items }) =>
          items
            .filter(({ image }) => image === id)
            .map((item) => ({ class: item.class, by, from: from as 'grid', at })),
        );
        const [p, certainty] = [columns.predicted[id]!, columns.certainty[id]!];
        const predictions = [
          { class: p, probability: certainty, by: 'ridge' },
          { class: (p + 1) % 10, probability: (1 - certainty) * 0.7, by: 'ridge' },
          { class: (p + 9) % 10, probability: (1 - certainty) * 0.3, by: 'ridge' },
        ];
        const neighbours = { train: near(id, 6), val: [], test: [] };
        return {
          data: {
            id,
            path,
            title: path,
            part,
            size: { width: 32, height: 32 },
            bytes: 2100,
            ignored: null,
            history,
            neighbours,
            predictions,
          },
        };
      },
    ],
    [
      '/api/thumbs',
      async (_, query) => {
        const ids = query.get('ids')!.split(',').map(Number);
        const draw = (id: number) => pictureOf(id, world.truth[id]!, query.get('size') === '256' ? 256 : 128);
        return { type: 'application/octet-stream', data: await framesOf(ids, draw) };
      },
    ],
    [
      '/thumb/(\\d+)',
      async ([id], query) => ({
        type: 'image/webp',
        data: await pictureOf(Number(id), world.truth[Number(id)]!, query.get('size') === '256' ? 256 : 128),
        headers: { 'cache-control': 'public, max-age=31536000, immutable' },
      }),
    ],
    [
      '/(?:original|view)/(\\d+)(?:/\\d)?',
      async ([id]) => ({ type: 'image/webp', data: await pictureOf(Number(id), world.truth[Number(id)]!, 512) }),
    ],
    [
      '/api/labels',
      (_, __, body) => {
        const { items, by, from } = body as LabelRequest;
        if (items.some(({ image }) => world.exam.has(image)))
          return missing(409, 'EXAM_IMAGE', 'This image is in the exam.');
        world.label(items, by, from);
        const images = items.map(({ image }) => image);
        send({ type: 'labels', revision: columns.revision, classes: world.classInfo, images, by });
        return { data: labelAnswer() };
      },
    ],
    ['/api/undo', () => back(world.undo())],
    ['/api/redo', () => back(world.redo())],
    [
      '/api/classes',
      (_, __, body) => {
        const { add } = body as { add: { name: string; key?: string } };
        world.classes.push({ id: world.classes.length, name: add.name, key: add.key ?? null });
        return { data: { classes: world.classInfo } };
      },
    ],
    [
      '/api/next',
      (_, query) => {
        const all = free();
        const step = Math.max(1, Math.floor(all.length / Number(query.get('count'))));
        const picked = all.filter((_, i) => i % step === 0).slice(0, Number(query.get('count')));
        return {
          data: {
            images: picked,
            method: 'max-herding',
            why: 'They stand for the most images that have no label yet.',
          },
        };
      },
    ],
    [
      '/api/clusters',
      (_, query) => {
        const groups = new Map<number, number[]>();
        for (const id of free()) {
          const group = groups.get(columns.cluster[id]!);
          if (group) group.push(id);
          else groups.set(columns.cluster[id]!, [id]);
        }
        const rows = [...groups].slice(0, Number(query.get('rows'))).map(([, ids], i) => ({
          images: ids.slice(0, Number(query.get('size'))),
          proposed: columns.predicted[ids[0]!]!,
          certainty: 0.95 - 0.03 * i,
        }));
        return { data: { rows } };
      },
    ],
    ['/api/similar/(\\d+)', ([id], query) => ({ data: { neighbours: near(Number(id), Number(query.get('count'))) } })],
    [
      '/api/map',
      (_, query) => ({
        type: 'application/octet-stream',
        data: Buffer.from(world.positions.buffer),
        headers: { 'x-map-method': query.get('method') ?? 'pca' },
      }),
    ],
    [
      '/api/exam',
      (_, __, body) => {
        if (body === null) return exam() ? { data: exam() } : missing(404, 'NOT_FOUND', 'There is no exam yet.');
        world.drawExam((body as { size: number }).size);
        return { data: exam() };
      },
    ],
    [
      '/api/exam/next',
      (_, query) => {
        const open = [...world.exam].flatMap(([id, label]) => (label === null ? [id] : []));
        return { data: { images: open.slice(0, Number(query.get('count'))), left: open.length } };
      },
    ],
    [
      '/api/exam/answers',
      (_, __, body) => {
        for (const { image, class: label } of (body as { items: { image: number; class: number }[] }).items)
          world.exam.set(image, label);
        return { data: labelAnswer() };
      },
    ],
    [
      '/api/accuracy',
      () => ({
        data: accuracyOf(world) ?? null,
        ...(accuracyOf(world) ? {} : missing(409, 'NOT_READY', 'There is no exam yet.')),
      }),
    ],
    ['/api/suspects', () => ({ data: suspectsOf(world) })],
    [
      '/api/runs',
      (_, __, body) => {
        if (body === null) return { data: { runs } };
        const run = fakeRun(`run-${runs.length + 1}`, (body as RunInfo).command, 'running');
        runs.unshift(run);
        return { data: { run } };
      },
    ],
    ['/api/runs/([^/]+)/metrics', ([id]) => ({ data: fakeMetrics(id!) })],
    ['/api/runs/([^/]+)/course', () => ({ data: fakeCourse(world) })],
    ['/api/runs/([^/]+)/use', () => ({ data: {} })],
    [
      '/api/runs/([^/]+)/(pause|continue|stop)',
      ([id, action]) => {
        const at = runs.findIndex((run) => run.id === id);
        const status = ({ pause: 'paused', continue: 'running', stop: 'stopped' } as const)[action as 'pause'];
        runs[at] = { ...runs[at]!, status };
        return { data: { run: runs[at] } };
      },
    ],
    ['/api/schema/(\\w+)', () => ({ data: SCHEMA })],
    [
      '/report/([^/]+)',
      ([id]) => ({ type: 'text/html', data: `<!doctype html><title>Report</title><h1>Report of ${id}</h1>` }),
    ],
  ];
}
