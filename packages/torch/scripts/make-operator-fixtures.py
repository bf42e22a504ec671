"""Makes test/fixtures/operators.json: what PyTorch's operators give, forward and backward, for differential.test.ts.

Run with Python 3.11, torch 2.11.0, numpy 2.4.6, from packages/torch:
    python scripts/make-operator-fixtures.py
Inputs are not kept: both languages draw them from the same seeds. Of each result dtype, shape, some elements, the sum of
the finite ones and the number of the others are kept, so that the file stays small.
"""
import json
from pathlib import Path

import torch

torch.set_num_threads(1)
OUT = Path(__file__).parent.parent / "test" / "fixtures" / "operators.json"
SPECIAL = [float("nan"), float("inf"), float("-inf"), -0.0, 0.0, 1.0, -1.0, 2.5, -2.5, 1e30, -1e-30, 0.5]


def T(shape, kind="normal", dtype="float32", layout="plain"):
    """A tensor by its description: [shape, kind, dtype, layout]."""
    return {"tensor": [list(shape), kind, dtype, layout]}


def build(spec, seed):
    shape, kind, dtype, layout = spec
    generator = torch.Generator().manual_seed(seed)
    swapped = [*shape[:-2], shape[-1], shape[-2]] if layout == "turned" else shape
    if kind == "special":
        x = torch.tensor([SPECIAL[i % len(SPECIAL)] for i in range(torch.Size(swapped).numel())]).view(swapped)
    elif kind.startswith("below "):
        x = torch.randint(0, int(kind[6:]), swapped, generator=generator)
    else:
        x = torch.randn(swapped, generator=generator, dtype=torch.float64)
        if kind == "positive":
            x = x.abs() + 0.1
        if kind == "unit":
            x = x.tanh() * 0.9
        if kind == "bool":
            x = x > 0
        if kind == "spd":
            x = x @ x.transpose(-2, -1) + 3 * torch.eye(shape[-1], dtype=torch.float64)
    x = x.to(getattr(torch, dtype))
    if layout == "turned":
        x = x.transpose(-2, -1)
    if layout == "rows":
        x = x.contiguous(memory_format=torch.channels_last)
    if layout == "strided":
        x = torch.stack([x, x], -1)[..., 0]
    return x


def summary(x):
    x = x.detach()
    if x.is_sparse:
        x = x.to_dense()
    full = torch.view_as_real(x.resolve_conj()) if x.is_complex() else x
    flat = full.to(torch.float64).flatten()
    finite = flat[flat.isfinite()]
    step = max(1, flat.numel() // 5)
    some = [v if v == v and abs(v) != float("inf") else str(v) for v in flat[::step].tolist()]
    sizes = [finite.sum().item(), finite.abs().sum().item()]
    return [str(x.dtype)[6:], list(x.shape), some, sizes, flat.numel() - finite.numel()]


def flat(value):
    if torch.is_tensor(value):
        return [value]
    return [one for part in value for one in flat(part)] if isinstance(value, (tuple, list)) else []


def case(op, *args, grad=True, **named):
    tensors = []

    def argument(value):
        if isinstance(value, dict):
            x = build(value["tensor"], len(tensors) + 1)
            if grad and x.is_floating_point():
                x.requires_grad_()
            tensors.append(x)
            return x
        return [argument(one) for one in value] if isinstance(value, list) else value

    given = [argument(value) for value in args]
    result = getattr(torch.ops.aten, op)(*given, **named)
    results = flat(result)
    record = {"op": op, "args": list(args), "results": [summary(x) for x in results]}
    if named:
        record["named"] = named
    if not results:
        record["value"] = result
    following = [x for x in results if x.requires_grad and x.numel() > 0]
    if following:
        sum((x.real if x.is_complex() else x).to(torch.float64).mul(0.5).sum() for x in following).backward()
        record["grads"] = [summary(x.grad) if x.grad is not None else None for x in tensors]
    return record


CASES = []


def add(op, *args, **named):
    try:
        CASES.append(case(op, *args, **named))
    except Exception as error:  # what PyTorch refuses is no case; the count at the end says how many are left
        REFUSED.append(f"{op}: {str(error).splitlines()[0]}")


REFUSED = []
UNARY = """abs acos acosh angle asin asinh atan atanh bitwise_not ceil celu clone conj_physical cos cosh deg2rad digamma elu erf erfc erfinv
exp exp2 expm1 fix floor frac gelu hardshrink hardsigmoid hardswish hardtanh i0 isfinite isinf isnan isneginf isposinf isreal leaky_relu
lgamma log log10 log1p log2 log_sigmoid logical_not logit mish nan_to_num neg positive rad2deg reciprocal relu relu6 round rsqrt selu sgn
sigmoid sign signbit silu sin sinc sinh softplus softshrink sqrt square tan tanh tanhshrink trunc sinc special_entr special_erfcx special_i0e
special_i1 special_i1e special_log_ndtr special_ndtr special_ndtri special_bessel_j0 special_bessel_j1 special_bessel_y0 nonzero
t_copy argsort sort all any sum mean prod max min argmax argmin std var median nanmedian nansum norm logsumexp_dummy flatten
isnan count_nonzero unique_dim_dummy trace diag tril triu det slogdet logdet inverse pinverse matrix_exp cholesky linalg_eigvalsh
linalg_svdvals linalg_norm linalg_inv linalg_det linalg_slogdet linalg_cholesky linalg_qr linalg_matrix_rank ravel squeeze msort
diff corrcoef cov fliplr flipud adjoint mT_dummy is_nonzero_dummy zeros_like ones_like empty_like_dummy resolve_neg resolve_conj
var_mean std_mean aminmax unbind bernoulli_dummy isposinf float_power_dummy""".split()
for op in dict.fromkeys(name for name in UNARY if not name.endswith("_dummy")):
    kind = {"acosh": "positive", "log": "positive", "log2": "positive", "log10": "positive", "sqrt": "positive", "rsqrt": "positive",
            "lgamma": "positive", "digamma": "positive", "acos": "unit", "asin": "unit", "atanh": "unit", "erfinv": "unit", "log1p": "positive",
            "special_ndtri": "unit", "logit": "unit", "reciprocal": "positive", "cholesky": "spd", "linalg_cholesky": "spd", "logdet": "spd",
            "linalg_eigvalsh": "spd", "inverse": "spd", "linalg_inv": "spd"}.get(op, "normal")
    square = kind == "spd" or op in "det slogdet trace linalg_det linalg_slogdet pinverse matrix_exp linalg_svdvals linalg_matrix_rank".split()
    shape = [3, 3] if square else [3, 4]
    add(op, T(shape, kind))
    add(op, T(shape, kind, "float64", "turned"))
    if not square:
        add(op, T([2, 3, 2, 2], kind, "float32", "rows"))
        add(op, T([12], "special"))
        add(op, T([0, 3], kind))
        add(op, T([], kind))
        add(op, T(shape, kind, "bfloat16", "strided"))
        add(op, T(shape, "below 5", "int64"))
        add(op, T(shape, "bool", "bool"))

BINARY = """add sub mul div true_divide floor_divide remainder fmod pow atan2 hypot maximum minimum fmax fmin eq ne lt le gt ge logical_and
logical_or logical_xor bitwise_and bitwise_or bitwise_xor copysign ldexp logaddexp logaddexp2 nextafter xlogy special_xlog1py special_zeta heaviside
gcd lcm rsub float_power lerp_dummy where_dummy dist cross_dummy kron isclose allclose equal outer_dummy inner_dummy polar
cosine_similarity pairwise_distance cdist_dummy mse_loss l1_loss smooth_l1_loss huber_loss soft_margin_loss igamma igammac
bitwise_left_shift bitwise_right_shift""".split()
for op in [name for name in BINARY if not name.endswith("_dummy")]:
    kind = "positive" if op in "pow float_power xlogy special_xlog1py polar igamma igammac".split() else "normal"
    add(op, T([3, 4], kind), T([3, 4], "positive"))
    add(op, T([3, 1, 4], kind, "float64"), T([2, 1], "positive", "float64"))  # broadcast
    add(op, T([4, 3], kind, "float32", "turned"), T([4, 3], "positive", "float32", "strided"))
    add(op, T([3, 4], "below 5", "int64"), T([4], "below 3", "int32"))
    add(op, T([3, 4], kind), T([4], "below 3", "int64"))  # promotion
    add(op, T([12], "special"), T([12], "special", "float32"))
    add(op, T([0, 4], kind), T([4], "positive"))
    add(op, T([3, 4], kind, "bfloat16"), T([], "positive", "float32"))
    add(op, T([3, 4], "bool", "bool"), T([3, 4], "bool", "bool"))

REDUCE = "sum mean amax amin prod logsumexp var std norm argmax argmin max min median mode cumsum cumprod cummax cummin logcumsumexp all any nansum nanmean softmax log_softmax sort argsort flip unbind softmin count_nonzero".split()
for op in REDUCE:
    for dim in (0, -1):
        for spec in (T([3, 4]), T([4, 3], "normal", "float64", "turned"), T([2, 6], "special"), T([3, 4], "below 4", "int64")):
            for given in [[dim]] if op in ("std", "var") else [dim, [dim]]:  # a bare number would be read as a flag there
                add(op, spec, *([2, given] if op == "norm" else [given]))

S3, S4 = T([2, 3, 4]), T([2, 3, 5, 5])
for op, *args in [
    ("mm", T([3, 4]), T([4, 2])), ("mm", T([4, 3], "normal", "float32", "turned"), T([3, 2])), ("bmm", S3, T([2, 4, 5])), ("mv", T([3, 4]), T([4])),
    ("matmul", T([2, 1, 3, 4]), T([5, 4, 2])), ("matmul", T([4]), T([4])), ("matmul", T([0, 4]), T([4, 2])), ("dot", T([4]), T([4])), ("outer", T([3]), T([4])),
    ("addmm", T([2]), T([3, 4]), T([4, 2])), ("addmv", T([3]), T([3, 4]), T([4])), ("baddbmm", T([2, 3, 5]), S3, T([2, 4, 5])), ("addr", T([3, 4]), T([3]), T([4])),
    ("addbmm", T([3, 5]), S3, T([2, 4, 5])), ("addcmul", T([3, 4]), T([4]), T([3, 1])), ("addcdiv", T([3, 4]), T([4]), T([3, 1], "positive")), ("inner", T([3, 4]), T([2, 4])),
    ("chain_matmul", [T([2, 3]), T([3, 4]), T([4, 2])]), ("einsum", "bij,bjk->bik", [S3, T([2, 4, 5])]), ("einsum", "ii->i", [T([3, 3])]), ("tensordot", S3, T([4, 3, 2]), [1, 2], [1, 0]),
    ("linear", T([2, 4]), T([3, 4]), T([3])), ("bilinear", T([2, 3]), T([2, 4]), T([5, 3, 4]), T([5])), ("cross", T([2, 3]), T([2, 3])), ("cdist", T([3, 4]), T([2, 4])),
    ("lerp", T([3, 4]), T([3, 4]), 0.3), ("lerp", T([3, 4]), T([3, 4]), T([4], "unit")), ("where", T([3, 4], "bool", "bool"), T([3, 4]), T([4])), ("clamp", T([3, 4]), -0.5, 0.5), ("clamp", T([12], "special"), 0.0, 1.0),
    ("clamp_min", T([3, 4]), 0.1), ("clamp_max", T([3, 4]), 0.1), ("pow", T([3, 4]), 3), ("pow", 2, T([3, 4])), ("pow", T([12], "special"), 2.5), ("mul", T([3, 4]), 2.5), ("add", T([3, 4]), T([3, 4]), ), ("sub", T([3, 4]), 2), ("div", T([3, 4], "below 5", "int64"), 2),
    ("remainder", T([12], "special"), 3), ("fmod", T([12], "special"), -3), ("floor_divide", T([12], "special"), 2), ("threshold", T([3, 4]), 0.1, 7.0), ("leaky_relu", T([3, 4]), 0.3), ("elu", T([3, 4]), 0.7), ("hardtanh", T([3, 4]), -0.3, 0.4), ("softplus", T([3, 4]), 2, 0.5), ("prelu", T([2, 3, 4]), T([3])), ("glu", T([2, 4]), 1), ("celu", T([3, 4]), 0.6), ("hardshrink", T([3, 4]), 0.4), ("softshrink", T([3, 4]), 0.4), ("logit", T([3, 4], "unit"), 0.1),
    ("transpose", S3, 0, 2), ("permute", S3, [2, 0, 1]), ("reshape", S3, [4, -1]), ("view", S3, [6, 4]), ("unsqueeze", S3, 1), ("squeeze", T([2, 1, 3]), 1), ("expand", T([3, 1]), [2, 3, 4]), ("repeat", T([2, 3]), [2, 1, 2]), ("tile", T([2, 3]), [2]), ("flatten", S3, 1), ("unflatten", T([2, 12]), 1, [3, 4]), ("select", S3, 1, -1), ("slice", S3, 2, 1, 4, 2), ("narrow", S3, 1, 1, 2), ("index_select", S3, 1, T([4], "below 3", "int64")), ("gather", T([3, 4]), 1, T([3, 2], "below 4", "int64")), ("take", S3, T([5], "below 24", "int64")), ("take_along_dim", T([3, 4]), T([3, 2], "below 4", "int64"), 1), ("masked_select", T([3, 4]), T([3, 4], "bool", "bool")), ("masked_fill", T([3, 4]), T([4], "bool", "bool"), 7.0), ("masked_scatter", T([3, 4]), T([3, 4], "bool", "bool"), T([12])), ("index_fill", T([3, 4]), 0, T([2], "below 3", "int64"), 5.0), ("index_add", T([3, 4]), 0, T([2], "below 3", "int64"), T([2, 4])), ("index_copy", T([3, 4]), 0, T([1], "below 3", "int64"), T([1, 4])), ("scatter", T([3, 4]), 1, T([3, 1], "below 4", "int64"), T([3, 1])), ("scatter", T([3, 4]), 1, T([3, 1], "below 4", "int64"), 2.0), ("scatter_add", T([3, 4]), 1, T([3, 2], "below 4", "int64"), T([3, 2])), ("index", S3, [T([3], "below 2", "int64")]), ("diagonal", S3, 0, 1, 2), ("diag_embed", T([2, 3])), ("diagflat", T([3])), ("movedim", S3, 0, 2), ("roll", S3, [1, 2], [0, 2]), ("rot90", S3, 1, [1, 2]), ("flip", S3, [0, 2]), ("unfold", T([8]), 0, 3, 2), ("swapaxes", S3, 0, 1), ("broadcast_to", T([3, 1]), [3, 4]), ("repeat_interleave", T([2, 3]), 2, 1), ("trace", T([3, 4])), ("triu", T([3, 4]), 1), ("tril", T([3, 4]), -1), ("vander", T([3]), 4), ("kron", T([2, 2]), T([3])),
    ("cat", [T([2, 3]), T([1, 3])]), ("cat", [T([2, 3]), T([2, 1], "below 3", "int64")], 1), ("stack", [T([2, 3]), T([2, 3])], 1), ("hstack", [T([2, 3]), T([2, 1])]), ("vstack", [T([3]), T([3])]), ("dstack", [T([3]), T([3])]), ("column_stack", [T([3]), T([3, 2])]), ("chunk", S3, 2, 2), ("split", S3, 2, 1), ("tensor_split", S3, 3, 2), ("meshgrid", [T([2]), T([3])]), ("broadcast_tensors", [T([2, 1]), T([3])]), ("block_diag", [T([2, 2]), T([1, 3])]), ("cartesian_prod", [T([2]), T([3])]), ("atleast_2d", T([3])),
    ("topk", T([3, 6]), 2), ("topk", T([12], "special"), 5), ("kthvalue", T([3, 6]), 2), ("searchsorted", T([3], "below 9", "int64"), T([2, 2])), ("bucketize", T([3, 4]), T([3], "below 3")), ("histc", T([12]), 4, -2, 2), ("bincount", T([8], "below 5", "int64")), ("quantile", T([3, 5]), 0.3, 1), ("nanquantile", T([3, 5]), 0.3, 1), ("cov", T([3, 5])), ("corrcoef", T([3, 5])), ("renorm", T([3, 4]), 2, 0, 1.0), ("norm", S3, 2, [1, 2], True), ("norm", T([3, 4]), 1), ("linalg_vector_norm", S3, 3, [0, 2]), ("linalg_matrix_norm", T([3, 4])), ("dist", T([3, 4]), T([3, 4]), 3), ("cumsum", T([12], "special"), 0), ("logcumsumexp", T([3, 4]), 1), ("trapezoid", T([3, 4])), ("gradient", T([5])), ("diff", T([3, 6]), 2), ("one_hot", T([4], "below 3", "int64"), 4), ("tril_indices", 3, 4), ("linspace", -1, 2, 7), ("logspace", -1, 2, 4), ("arange", 1, 10, 2.5), ("eye", 3, 4), ("full", [2, 3], 1.5), ("hann_window", 6), ("hamming_window", 6), ("blackman_window", 5),
    ("linalg_solve", T([3, 3], "spd"), T([3, 2])), ("linalg_lstsq", T([4, 3]), T([4, 2])), ("linalg_eigh", T([3, 3], "spd", "float64")), ("linalg_svd", T([3, 3], "spd", "float64")), ("linalg_qr", T([4, 3])), ("linalg_pinv", T([4, 3])), ("linalg_multi_dot", [T([2, 3]), T([3, 4]), T([4, 2])]), ("linalg_matrix_power", T([3, 3]), 3), ("matrix_power", T([3, 3]), 2), ("triangular_solve", T([3, 2]), T([3, 3], "spd")), ("linalg_solve_triangular", T([3, 3], "spd"), T([3, 2])), ("cholesky_solve", T([3, 2]), T([3, 3], "spd")), ("lu_solve", T([3, 1]), T([3, 3], "spd"), T([3], "below 1", "int32")), ("linalg_cond", T([3, 3], "spd")), ("linalg_tensorinv", T([4, 2, 2], "normal", "float64"), 1), ("linalg_lu_factor", T([3, 3], "spd")), ("geqrf", T([3, 3])), ("orgqr", T([3, 2]), T([2])), ("linalg_cross", T([2, 3]), T([2, 3])), ("linalg_vecdot", T([2, 3]), T([2, 3])),
    ("conv1d", T([2, 3, 7]), T([4, 3, 3]), T([4])), ("conv2d", S4, T([4, 3, 3, 3]), T([4]), [2, 1], [1, 0]), ("conv2d", T([2, 4, 5, 5], "normal", "float32", "rows"), T([4, 2, 3, 3]), None, [1, 1], [1, 1], [1, 1], 2), ("conv3d", T([1, 2, 3, 4, 4]), T([3, 2, 2, 2, 2])), ("conv_transpose1d", T([2, 3, 4]), T([3, 2, 3])), ("conv_transpose2d", S4, T([3, 2, 3, 3]), T([2]), [2, 2], [1, 1], [1, 1]), ("conv_tbc", T([5, 2, 3]), T([3, 3, 4]), T([4])),
    ("max_pool1d", T([2, 3, 8]), [2]), ("max_pool2d", S4, [2, 2]), ("max_pool2d", S4, [3, 3], [2, 2], [1, 1]), ("avg_pool1d", T([2, 3, 8]), [2]), ("avg_pool2d", S4, [2, 2]), ("avg_pool3d", T([1, 2, 4, 4, 4]), [2, 2, 2]), ("max_pool3d", T([1, 2, 4, 4, 4]), [2, 2, 2]), ("adaptive_avg_pool1d", T([2, 3, 8]), [3]), ("adaptive_avg_pool2d", S4, [2, 3]), ("adaptive_max_pool2d", S4, [2, 3]), ("adaptive_avg_pool3d", T([1, 2, 4, 4, 4]), [2, 2, 3]), ("im2col", S4, [2, 2], [1, 1], [0, 0], [1, 1]), ("pixel_shuffle", T([1, 4, 3, 3]), 2), ("pixel_unshuffle", T([1, 2, 4, 4]), 2), ("channel_shuffle", T([1, 4, 2, 2]), 2), ("upsample_nearest2d", S4, [7, 8]), ("upsample_bilinear2d", S4, [7, 8], False), ("upsample_bicubic2d", S4, [7, 8], True), ("upsample_linear1d", T([2, 3, 5]), [8], False), ("constant_pad_nd", T([2, 3]), [1, 2], 0.5), ("reflection_pad2d", S4, [1, 2, 0, 1]), ("replication_pad2d", S4, [1, 2, 0, 1]), ("pad", S4, [1, 1], "circular"), ("grid_sampler", S4, T([2, 2, 2, 2], "unit"), 0, 0, False), ("affine_grid_generator", T([2, 2, 3]), [2, 1, 3, 3], False),
    ("batch_norm", S4, T([3]), T([3]), None, None, True, 0.1, 1e-5, False), ("layer_norm", S3, [4], T([4]), T([4])), ("group_norm", T([2, 4, 3]), 2, T([4]), T([4])), ("instance_norm", S4, None, None, None, None, True, 0.1, 1e-5, False), ("rms_norm", S3, [4], T([4])), ("embedding", T([5, 3]), T([2, 3], "below 5", "int64")), ("embedding_bag", T([5, 3]), T([4], "below 5", "int64"), T([2], "below 1", "int64")), ("softmax", T([2, 6], "special"), 1), ("scaled_dot_product_attention", T([1, 2, 3, 4]), T([1, 2, 5, 4]), T([1, 2, 5, 4])), ("scaled_dot_product_attention", T([1, 2, 3, 4]), T([1, 2, 3, 4]), T([1, 2, 3, 4]), None, 0.0, True),
    ("cross_entropy_loss", T([4, 5]), T([4], "below 5", "int64")), ("nll_loss_nd", T([4, 5]), T([4], "below 5", "int64")), ("binary_cross_entropy", T([3], "below 2", "float32"), T([3], "below 2", "float32")), ("binary_cross_entropy_with_logits", T([3, 4]), T([3, 4], "below 2", "float32")), ("kl_div", T([3, 4]), T([3, 4], "positive")), ("margin_ranking_loss", T([3]), T([3]), T([3])), ("hinge_embedding_loss", T([3]), T([3])), ("multi_margin_loss", T([3, 4]), T([3], "below 4", "int64")), ("multilabel_margin_loss", T([2, 3]), T([2, 3], "below 3", "int64")), ("poisson_nll_loss", T([3, 4]), T([3, 4], "positive"), True, False, 1e-8, 1), ("cosine_embedding_loss", T([3, 4]), T([3, 4]), T([3])), ("triplet_margin_loss", T([3, 4]), T([3, 4]), T([3, 4])), ("ctc_loss", T([6, 1, 4]), T([1, 2], "below 3", "int64"), [6], [2]),
    ("fft_fft", T([8])), ("fft_ifft", T([8])), ("fft_rfft", T([3, 8])), ("fft_irfft", T([5], "normal", "complex64")), ("fft_fft2", T([3, 4])), ("fft_fftn", T([2, 3, 4])), ("fft_fftshift", T([5])), ("fft_rfftfreq", 8), ("stft", T([16]), 8, 4, None, None, False, None, True), ("complex", T([3]), T([3])), ("view_as_real", T([3], "normal", "complex64")), ("view_as_complex", T([3, 2])), ("real", T([3], "normal", "complex64")), ("imag", T([3], "normal", "complex64")), ("conj", T([3], "normal", "complex64")), ("abs", T([3], "normal", "complex64")), ("angle", T([3], "normal", "complex64")), ("mul", T([3], "normal", "complex64"), T([3])), ("mm", T([2, 3], "normal", "complex64"), T([3, 2], "normal", "complex64")), ("exp", T([3], "normal", "complex64")),
    ("isin", T([3, 4], "below 5", "int64"), T([2], "below 5", "int64")), ("unique_consecutive", T([6], "below 2", "int64")), ("nonzero", T([3, 4], "bool", "bool")), ("argwhere", T([3, 4], "bool", "bool")), ("combinations", T([4])), ("cumulative_trapezoid", T([3, 4])), ("nan_to_num", T([12], "special"), 1.0, 2.0, 3.0), ("mvlgamma", T([3], "positive"), 1), ("polygamma", 1, T([3, 4], "positive")), ("special_zeta", T([3], "positive"), 1.5), ("fake", T([1])),
    ("logical_and", T([3, 4]), T([4])), ("bitwise_and", T([3, 4], "below 9", "uint8"), 5), ("add", T([3, 4], "below 9", "uint8"), T([3, 4], "below 9", "int8")), ("div", T([3, 4], "normal", "float16"), T([4], "positive", "bfloat16")), ("sum", T([3, 4], "bool", "bool")), ("mean", T([0])), ("max", T([3, 4], "normal", "float64"), 1), ("std", T([1])), ("prod", T([0])), ("var", S3, [0, 2]),
]:
    add(op, *args)

OUT.write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in CASES) + "\n]\n")
names = {one["op"] for one in CASES}
print(f"{len(CASES)} cases of {len(names)} operators, {sum('grads' in one for one in CASES)} with gradients; {OUT.stat().st_size >> 10} KiB")
print(f"not taken by PyTorch: {len(REFUSED)}; operators without any case: {sorted({r.split(':')[0] for r in REFUSED} - names)}")
