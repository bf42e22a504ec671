/** @file Some hundred damaged and odd inputs, others each time: none may end in anything but an image set or an error with a code. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('a short run of npm run fuzz finds nothing; its seed is printed', () => {
  const script = fileURLToPath(new URL('../../../scripts/fuzz.mjs', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [script, '--seconds', '40'], { encoding: 'utf8' });
  console.log(stdout.split('\n')[0]);
  expect([status, stdout]).toEqual([0, expect.stringContaining('nothing found')]);
  expect(Number(/fuzz {2}(\d+) inputs/.exec(stdout)![1])).toBeGreaterThan(100);
});
