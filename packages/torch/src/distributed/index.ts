/** @file Many processes as one: meet, exchange tensors, average gradients, normalise over all batches. */
export { type Meeting, meetingFrom } from './environment.js';
export { ProcessGroup } from './group.js';
export { Reducer } from './reducer.js';
export { normaliseTogether } from './together.js';
