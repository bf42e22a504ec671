/** @file @twoview/studio for programs: what `twoview studio` calls. */
export type * from './api.js';
export { ProjectError } from './project/database.js';
export { type RunningStudio, type ServeOptions, startStudio } from './start.js';
