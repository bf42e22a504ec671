/** @file See kills.ts: 5 times. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { labelAndKill, seeded } from './kills.js';
import { flatFolder, temporaryFolder } from './photographs.js';

test('a server that is killed 5 times at random points loses no label that it has answered', async () => {
  const root = temporaryFolder();
  const [source, project] = [join(root, 'photographs'), join(root, 'project')];
  await flatFolder(source, 40, 16);
  const { answered, missing } = await labelAndKill({ source, project, kills: 5, images: 40, random: seeded(5) });
  console.log(`${answered} labels answered, 5 kills, ${missing.length} missing`);
  expect(missing).toEqual([]);
  expect(answered).toBeGreaterThan(5);
  const db = new Database(join(project, 'labels.sqlite'));
  expect(db.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  db.close();
  rmSync(root, { recursive: true });
});
