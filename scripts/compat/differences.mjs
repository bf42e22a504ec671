/** @file What docs/compat.md says of libtorch's own changes; found by running the tests with each version, which a table of runtimes does not. */
export const DIFFERENCES = `- 2.9 and 2.10: gradients of \`ldexp\` in mixed precision are rounded otherwise, and Gloo prints a line to stdout when processes meet.
- 2.9: some gradients of \`atan2\` are not finite at other points.
- 2.13 and newer: processes cannot train together yet.
- 2.14 and 2.15: \`cholesky\` is gone, \`linalg_cholesky\` stays. Where two values are equal, the gradients of \`clamp\`, \`fmax\` and
  \`fmin\` are other shares of the same.
- 2.15: \`special_bessel_j0\`, \`special_bessel_j1\` and \`special_bessel_y0\` have gradients; those of \`special_i1\` and \`special_i1e\` are
  NaN at one point more; errors of \`mm\` begin with its name.`;
