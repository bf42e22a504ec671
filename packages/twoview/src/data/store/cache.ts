/** @file Where data sets and their stores are kept: the cache, or what `TWOVIEW_DATA` names. */
import { join } from 'node:path';
import { cacheRoot } from '@twoview/torch/engine';

export const dataRoot = (): string => process.env.TWOVIEW_DATA || join(cacheRoot(), 'data');
export const storeFile = (key: string): string => join(dataRoot(), 'stores', `${key}.safetensors`);
export const sizeFile = (files: string): string => join(dataRoot(), 'stores', `${files}.size`);
export const identityFile = (key: string): string => join(dataRoot(), 'stores', `${key}.identity`);
export const twinsFile = (key: string): string => join(dataRoot(), 'stores', `${key}.twins`);
export const featuresFile = (key: string): string => join(dataRoot(), 'features', `${key}.safetensors`);
