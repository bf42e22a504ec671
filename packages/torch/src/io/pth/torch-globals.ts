/** @file The names that torch.save writes for tensors, parameters, sizes, devices and dtypes: the whole list of what a .pth may use. */
import { type DType, ITEM_SIZE, isDType } from '../../dtype.js';
import type { Tensor } from '../../tensor.js';
import { numpyGlobals } from './numpy-globals.js';
import { type PickleFunction, PickleGlobal, type PickleOptions } from './pickle.js';
import { plainGlobals } from './pickle-plain.js';
import type { StorageId, TorchStorages } from './torch-storages.js';

/** `torch.FloatStorage`: a class that a pickle names and never calls. */
class StorageType {
  constructor(readonly dtype: DType) {}
}

const STORAGE_TYPES: Record<string, DType> = {
  Double: 'float64',
  Float: 'float32',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
  ComplexFloat: 'complex64',
  ComplexDouble: 'complex128',
};

const constants: Record<string, unknown> = {
  'torch.storage.UntypedStorage': new StorageType('uint8'),
  'torch.Tensor': null,
  'torch.nn.parameter.Parameter': null,
};
for (const [name, dtype] of Object.entries(STORAGE_TYPES)) constants[`torch.${name}Storage`] = new StorageType(dtype);
for (const dtype of Object.keys(ITEM_SIZE)) constants[`torch.${dtype}`] = dtype;

/** @param storages null reads the structure without making tensors: null stands for each */
export function torchOptions(
  name: string,
  storages: TorchStorages | null,
  seen: (id: StorageId) => void,
): PickleOptions {
  const tensor = (id: unknown, dtype: unknown, offset: unknown, size: unknown, stride: unknown, grad: unknown) => {
    if (!isStorageId(id) || !isDType(dtype)) throw new Error('a tensor without a storage');
    const made = storages?.window(id, dtype, offset, size, stride) ?? null;
    return withGrad(made, grad);
  };
  const globals: Record<string, PickleFunction> = {
    ...plainGlobals,
    ...numpyGlobals,
    'torch.Size': (sizes) => sizes,
    'torch.device': (type, index) => (index === undefined ? String(type) : `${type}:${index}`),
    'torch._utils._rebuild_tensor': (id, offset, size, stride) => tensor(id, dtypeOf(id), offset, size, stride, false),
    'torch._utils._rebuild_tensor_v2': (id, offset, size, stride, grad) =>
      tensor(id, dtypeOf(id), offset, size, stride, grad),
    'torch._utils._rebuild_tensor_v3': (id, offset, size, stride, grad, _hooks, dtype) =>
      tensor(id, dtype, offset, size, stride, grad),
    'torch._utils._rebuild_parameter': (data, grad) => withGrad(data as Tensor | null, grad),
    'torch._utils._rebuild_parameter_with_state': (data, grad) => withGrad(data as Tensor | null, grad),
    // A tensor that had attributes of its own; they have no place here.
    'torch._tensor._rebuild_from_type_v2': (make, _type, args) => {
      if (!(make instanceof PickleGlobal) || !Array.isArray(args)) throw new Error('a tensor without a function');
      return make.call(...args);
    },
  };
  return { name, globals, constants, persistentLoad: (id) => storageId(id, seen) };
}

const isStorageId = (value: unknown): value is StorageId =>
  typeof value === 'object' && value !== null && 'key' in value && 'length' in value;

const dtypeOf = (id: unknown): unknown => (isStorageId(id) ? id.dtype : undefined);

/** ('storage', type, key, location, number of elements, and in old files the parent of a view) */
function storageId(value: unknown, seen: (id: StorageId) => void): StorageId {
  const [kind, type, key, , length, view] = Array.isArray(value) ? value : [];
  if (kind !== 'storage' || !(type instanceof StorageType) || !/^\w+$/.test(String(key))) throw new Error('no storage');
  if (!Number.isSafeInteger(length) || length < 0) throw new Error(`a storage of ${String(length)} elements`);
  if (view !== undefined && view !== null) throw new Error('a view of a storage, as PyTorch wrote it before 0.4');
  const id = { key: String(key), dtype: type.dtype, length };
  seen(id);
  return id;
}

/** Duck-typed, so that reading the structure alone needs no libtorch. */
function withGrad(tensor: Tensor | null, grad: unknown): Tensor | null {
  if (tensor !== null && (typeof tensor !== 'object' || !('requiresGrad' in tensor)))
    throw new Error('a parameter of no tensor');
  if (tensor !== null && grad === true) tensor.requiresGrad = true;
  return tensor;
}
