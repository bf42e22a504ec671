/** @file How a report looks: light, dark, on a phone and on paper. Inside the page, so that it needs no other file. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1f2937; --soft: #5b6472; --paper: #fff; --line: #dfe3e8; --card: #fafbfc; --warn: #b45309;
  --blue: #0072b2; --orange: #d55e00; --green: #009e73; --purple: #cc79a7; --sky: #56b4e9; --yellow: #e69f00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --soft: #a3abb8; --paper: #10151f; --line: #374151; --card: #171e2b; --warn: #f59e0b;
  --blue: #4aa8e8; --orange: #f28e3c; --green: #2cc295; --purple: #e39ac4; --sky: #a5d8f7; --yellow: #f5c242; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 60rem; font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { margin: 2.6rem 0 .6rem; font-size: 1.3rem; }
.lead { color: var(--soft); margin: 0 0 1.2rem; }
.result { font-size: 1.15rem; border-left: 4px solid var(--green); padding: .3rem 0 .3rem 1rem; margin: 1.5rem 0; }
.warn { border: 1px solid var(--warn); border-radius: 8px; padding: .6rem 1rem; margin: 1.2rem 0; }
.warn p { margin: 0; font-weight: 600; } .warn ul { margin: .2rem 0 0; padding-left: 1.2rem; }
.wide { overflow-x: auto; }
figure { margin: 1rem 0; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { font-size: .9rem; color: var(--soft); margin-top: .5rem; }
.panels { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; }
.panel { min-width: 0; } .panel p { margin: 0 0 .2rem; font-size: .9rem; font-weight: 600; }
.panel svg { display: block; max-width: 100%; height: auto; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 0 0 .8rem; padding: 0; font-size: .9rem; }
.legend svg { margin-right: .4rem; }
.pictures { list-style: none; display: flex; flex-wrap: wrap; gap: .8rem; margin: .3rem 0 1rem; padding: 0; font-size: .85rem; line-height: 1.3; }
.pictures li { width: 6.2rem; } .pictures img { display: block; image-rendering: pixelated; border-radius: 4px; margin-bottom: .2rem; }
h3 { margin: 1.2rem 0 .3rem; font-size: 1.05rem; } h4 { margin: 1rem 0 .3rem; font-size: .95rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: 1.2rem 0 0; padding: .6rem 0; border-block: 1px solid var(--line); font-size: .9rem; }
a { color: var(--blue); } math mi[mathvariant] { font-style: italic; } math .bold { font-style: normal; font-weight: 700; } math { margin: 1rem 0; font-size: 1.15rem; overflow-x: auto; }
.flow { list-style: none; display: flex; flex-wrap: wrap; gap: .6rem 1.6rem; margin: .4rem 0 1rem; padding: 0; font-size: .85rem; line-height: 1.35; }
.flow li { position: relative; flex: 1 1 8rem; max-width: 15rem; padding: .6rem .8rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.flow li + li::before { content: ""; position: absolute; left: -1.05rem; top: 50%; translate: 0 -50%; border: .35rem solid transparent; border-left: .5rem solid var(--soft); border-right: 0; }
.flow b, .flow span { display: block; } .flow img { border-radius: 4px; image-rendering: pixelated; margin: .3rem .2rem .3rem 0; }
.triples, .near { list-style: none; display: flex; flex-wrap: wrap; gap: 1rem 1.6rem; margin: .5rem 0 1rem; padding: 0; }
.triples li, .near li { break-inside: avoid; } .triples img, .near img { image-rendering: pixelated; border-radius: 4px; margin-right: .25rem; }
.triples small, .near small { display: block; }
.near dl { display: inline-grid; gap: .15rem .5rem; margin: 0 0 0 .4rem; font-size: .8rem; vertical-align: top; } .near dd { white-space: nowrap; line-height: 0; }
.near .same { outline: 2px solid var(--green); outline-offset: -1px; }
table { border-collapse: collapse; margin: .5rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .3rem; }
th, td { padding: .35rem 0 .35rem 1.2rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; vertical-align: bottom; }
th:first-child { text-align: left; font-weight: 500; padding-left: 0; } thead th { font-weight: 600; }
small { color: var(--soft); font-weight: 400; }
pre { overflow-x: auto; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 8px; font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 30rem) { .triples img { width: 48px; height: 48px; } .triples { gap: .8rem; } .flow { flex-direction: column; gap: 1.3rem; } .flow li { max-width: none; flex: none; }
  .flow li + li::before { left: 1.4rem; top: -.9rem; translate: none; border: .35rem solid transparent; border-top: .5rem solid var(--soft); border-bottom: 0; }
  figure { padding: .7rem; } th, td { padding-left: .8rem; } table { font-size: .9rem; } th[scope=row] { white-space: normal; min-width: 7rem; } }
@page { margin: 14mm; }
@media print {
  nav { display: none; } h3, h4, h2 + p, h3 + p { break-after: avoid; } .pictures li { break-inside: avoid; }
  :root { color-scheme: light; --ink: #000; --soft: #444; --paper: #fff; --line: #bbb; --card: #fff; --warn: #b45309;
    --blue: #0072b2; --orange: #d55e00; --green: #009e73; --purple: #cc79a7; --sky: #56b4e9; --yellow: #e69f00; }
  body { max-width: none; padding: 0; font-size: 11pt; } table, .warn, .result, .panel, p, figcaption { break-inside: avoid; } figcaption { break-before: avoid; } h2 { break-after: avoid; }
  .wide { overflow: visible; } table { font-size: 9pt; } th, td { padding-left: .7rem; } .panel { max-width: 47%; }
}`;
