/** @file What stands under `torch.autograd`, as in PyTorch. */
export { backward, grad } from './autograd.js';
export { AutogradFunction as Function, type Context, type Handle, type Hook } from './function.js';
