/** @file What the studio knows of a run, beside its folder: which command, with which settings, and how it stands. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atomicWrite, writeAll } from '@twoview/torch';
import type { RunCommand, RunInfo, RunStatus } from '../api.js';

export interface RunRecord {
  id: string;
  command: RunCommand;
  status: RunStatus;
  startedAt: string;
  message: string | null;
  /** As the page gave them. */
  given: Record<string, unknown>;
  /** As the job gets them. */
  settings: Record<string, unknown>;
  /** Labelled rows of a set that is not made of files, as `writeRunRows` wrote them; records of before have none. */
  rows?: string | null;
  /** Of the process that works, or worked, on it. */
  pid: number | null;
}

const END = '.studio.json';

export function writeRecord(folder: string, record: RunRecord): void {
  atomicWrite(join(folder, `${record.id}${END}`), (file) =>
    writeAll(file, Buffer.from(`${JSON.stringify(record, null, 2)}\n`)),
  );
}

/** The last one first; what cannot be read is no run. */
export function readRecords(folder: string): RunRecord[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(END))
    .flatMap((name) => {
      try {
        return [JSON.parse(readFileSync(join(folder, name), 'utf8')) as RunRecord];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

const ENDED: readonly RunStatus[] = ['finished', 'stopped', 'failed'];
const weightsOf = (folder: string, id: string): string => join(folder, id, 'checkpoints', 'last.safetensors');
export const reportOf = (folder: string, id: string): string => join(folder, id, 'report.html');

export function infoOf(folder: string, record: RunRecord, at: RunInfo['at']): RunInfo {
  const { id, command, status, startedAt, message, given } = record;
  const report = existsSync(reportOf(folder, id));
  const encoder = command !== 'compare' && ENDED.includes(status) && existsSync(weightsOf(folder, id));
  return { id, command, status, startedAt, at, message, report, encoder, settings: given };
}
