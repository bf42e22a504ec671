/** @file What an error says. In packages/torch/README.md, and run by its test. */
import * as torch from '@twoview/torch';

await torch.load();
try {
  torch.ones([2, 3]).mm(torch.ones([2, 3]));
} catch (error) {
  if (!(error instanceof torch.TorchError)) throw error;
  console.log(error.code, error.operator); // OPERATOR aten::mm
  console.log(error.message); //             aten::mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3) ...
}
