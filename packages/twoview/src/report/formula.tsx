/** @file NT-Xent of the pair (i, j) as MathML: Chen et al. 2020, arXiv 2002.05709, equation 1. */

/** An upright letter that the style makes italic: many fonts lack the italic letters of mathematics. */
const Letter = ({ name }: { name: string }) => <mi mathvariant="normal">{name}</mi>;

const Projection = ({ index }: { index: string }) => (
  <msub>
    <mi mathvariant="normal" class="bold">
      z
    </mi>
    <Letter name={index} />
  </msub>
);

/** exp(sim(z_a, z_b) / tau) */
const Similarity = ({ a, b }: { a: string; b: string }) => (
  <mrow>
    <mi>exp</mi>
    <mo>(</mo>
    <mi>sim</mi>
    <mo>(</mo>
    <Projection index={a} />
    <mo>,</mo>
    <Projection index={b} />
    <mo>)</mo>
    <mo>/</mo>
    <Letter name="τ" />
    <mo>)</mo>
  </mrow>
);

export const NtXentFormula = () => (
  <math display="block">
    <mrow>
      <msub>
        <Letter name="ℓ" />
        <mrow>
          <Letter name="i" />
          <mo>,</mo>
          <Letter name="j" />
        </mrow>
      </msub>
      <mo>=</mo>
      <mo>−</mo>
      <mi>log</mi>
      <mfrac>
        <Similarity a="i" b="j" />
        <mrow>
          <munder>
            <mo>∑</mo>
            <mrow>
              <Letter name="k" />
              <mo>≠</mo>
              <Letter name="i" />
            </mrow>
          </munder>
          <Similarity a="i" b="k" />
        </mrow>
      </mfrac>
    </mrow>
  </math>
);
