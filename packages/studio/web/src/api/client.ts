/** @file Every request that the page makes. Knows addresses and the types of `server/src/api.ts`, nothing of views. */
import type {
  Accuracy,
  ApiError,
  ClassInfo,
  ClassRequest,
  ClustersAnswer,
  ExamAnswers,
  ExamNext,
  ExamState,
  ImageChanges,
  ImageColumns,
  ImageDetails,
  ImportAnswer,
  LabelAnswer,
  LabelRequest,
  NextAnswer,
  RunCommand,
  RunCourse,
  RunInfo,
  RunMetrics,
  RunRequest,
  SimilarAnswer,
  State,
  Suspects,
  UndoAnswer,
} from './types.js';

/** An answer of 400 or above, or none at all (code NO_ANSWER, status 0). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    readonly status: number,
    readonly code: ApiError['error']['code'] | 'NO_ANSWER' | 'ODD_ANSWER',
    readonly what: string,
    readonly next: string,
  ) {
    super(`${what} ${next}`);
  }
}

async function answer(path: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiProblem(
      0,
      'NO_ANSWER',
      'The studio does not answer.',
      'Is the command still running in its terminal?',
    );
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => null)) as ApiError | null;
  if (!body?.error) throw new ApiProblem(response.status, 'ODD_ANSWER', `${path} answered ${response.status}.`, '');
  throw new ApiProblem(response.status, body.error.code, body.error.what, body.error.next);
}

const get = async <T>(path: string): Promise<T> => (await (await answer(path)).json()) as T;
const post = async <T>(path: string, body: object): Promise<T> => {
  const headers = { 'content-type': 'application/json' };
  return (await (await answer(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()) as T;
};

export const thumbAddress = (id: number, size: 128 | 256 = 128): string =>
  `/thumb/${id}${size === 128 ? '' : '?size=256'}`;

const HEADER = 8;

/** Thumbnails, each when it comes: without bytes where it cannot be shown. Frames as `server/src/pictures/thumbnail-stream.ts` has them. */
export async function* thumbnails(
  ids: readonly number[],
  size: 128 | 256,
  signal: AbortSignal,
): AsyncGenerator<{ id: number; bytes: Uint8Array<ArrayBuffer> }> {
  const { body } = await answer(`/api/thumbs?ids=${ids.join(',')}&size=${size}`, { signal, priority: 'low' });
  const reader = body!.getReader();
  let held = new Uint8Array(0);
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const all = new Uint8Array(held.length + part.value.length);
    all.set(held);
    all.set(part.value, held.length);
    const numbers = new DataView(all.buffer);
    let at = 0;
    while (at + HEADER <= all.length) {
      const end = at + HEADER + numbers.getUint32(at + 4, true);
      if (end > all.length) break;
      yield { id: numbers.getUint32(at, true), bytes: all.slice(at + HEADER, end) };
      at = end;
    }
    held = all.slice(at);
  }
}

export const viewAddress = (id: number, n: number): string => `/view/${id}/${n}`;
export const originalAddress = (id: number): string => `/original/${id}`;
export const reportAddress = (run: string): string => `/report/${encodeURIComponent(run)}`;
export const LABELS_CSV = '/api/labels.csv';

export const api = {
  state: () => get<State>('/api/state'),
  images: () => get<ImageColumns>('/api/images'),
  changes: (since: number, from: number) => get<ImageChanges>(`/api/images?since=${since}&from=${from}`),
  image: (id: number) => get<ImageDetails>(`/api/image/${id}`),
  label: (request: LabelRequest) => post<LabelAnswer>('/api/labels', request),
  undo: (by: string) => post<UndoAnswer>('/api/undo', { by }),
  redo: (by: string) => post<UndoAnswer>('/api/redo', { by }),
  classes: (request: ClassRequest) => post<{ classes: ClassInfo[] }>('/api/classes', request),
  importLabels: (csv: string, by: string) => post<ImportAnswer>('/api/labels.csv', { csv, by }),
  next: (count: number, method?: string) =>
    get<NextAnswer>(`/api/next?count=${count}${method ? `&method=${encodeURIComponent(method)}` : ''}`),
  clusters: (rows: number, size: number) => get<ClustersAnswer>(`/api/clusters?rows=${rows}&size=${size}`),
  similar: (id: number, count: number) => get<SimilarAnswer>(`/api/similar/${id}?count=${count}`),
  /** @returns [2N] x, y of each image, NaN for those without a representation */
  map: async (method: 'pca' | 'umap'): Promise<{ positions: Float32Array; method: string }> => {
    const response = await answer(`/api/map?method=${method}`);
    const positions = new Float32Array(await response.arrayBuffer());
    return { positions, method: response.headers.get('x-map-method') ?? method };
  },
  drawExam: (size: number) => post<ExamState>('/api/exam', { size }),
  examNext: (count: number) => get<ExamNext>(`/api/exam/next?count=${count}`),
  answerExam: (answers: ExamAnswers) => post<LabelAnswer>('/api/exam/answers', answers),
  accuracy: () => get<Accuracy>('/api/accuracy'),
  suspects: () => get<Suspects>('/api/suspects'),
  runs: () => get<{ runs: RunInfo[] }>('/api/runs'),
  metrics: (run: string) => get<RunMetrics>(`/api/runs/${encodeURIComponent(run)}/metrics`),
  course: (run: string) => get<RunCourse>(`/api/runs/${encodeURIComponent(run)}/course`),
  schema: (command: RunCommand) => get<object>(`/api/schema/${command}`),
  startRun: (request: RunRequest) => post<{ run: RunInfo }>('/api/runs', request),
  useEncoder: (run: string) => post<object>(`/api/runs/${encodeURIComponent(run)}/use`, {}),
  runAction: (run: string, action: 'pause' | 'continue' | 'stop') =>
    post<{ run: RunInfo }>(`/api/runs/${encodeURIComponent(run)}/${action}`, {}),
};
