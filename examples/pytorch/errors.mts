/** @file What someone types first, and the compiler refuses. */
import * as torch from '@twoview/torch';

await torch.load();
// things a PyTorch user types first
const x = torch.ones([2, 3]);
// @ts-expect-error
x.sum({ dim: 1 });
