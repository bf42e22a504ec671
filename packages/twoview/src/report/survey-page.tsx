/** @file A page of what `twoview data` found, with the pictures of twins and of one colour. */
import * as torch from '@twoview/torch';
import { atomicWrite, writeAll } from '@twoview/torch';
import type { VNode } from 'preact';
import type { DataConfig } from '../config/data.js';
import { openImages } from '../data/open-images.js';
import type { Named, Survey } from '../data/survey.js';
import { thumbnails } from '../evaluate/thumbnails.js';
import type { JobIo } from '../runs/events.js';
import { pageOf } from './html/page.js';

/** More would make a page that no browser likes. */
const MOST = 200;

const STYLE = `
ul.pictures { list-style: none; display: flex; flex-wrap: wrap; gap: 1rem; padding: 0 } .pair { display: flex; gap: .5rem } figure { margin: 0 } figcaption { font-size: 11px; max-width: 10rem; overflow-wrap: anywhere }
`;

export async function writeSurveyPage(
  found: Survey,
  { page, ...config }: DataConfig & { page: string },
  io: JobIo,
): Promise<void> {
  using set = await openImages(config.data, config, { ...(io.signal && { signal: io.signal }) });
  const picture = async ({ part, index, path }: Named): Promise<VNode> => {
    using one = torch.scope(() => set[part]!.images.narrow(0, index, 1));
    const [png] = await thumbnails(one);
    const name = path ?? `${part} ${index}`;
    return (
      <figure>
        <img src={png} alt={name} width="96" />
        <figcaption>
          {part}
          <br />
          {name}
        </figcaption>
      </figure>
    );
  };
  const pairs: VNode[] = [];
  for (const { a, b, similarity, mirrored } of (found.twins ?? []).slice(0, MOST)) {
    pairs.push(
      <li class="pair">
        {await picture(a)}
        {await picture(b)}
        <p>
          {similarity.toFixed(3)}
          {mirrored && ', mirrored'}
        </p>
      </li>,
    );
  }
  const plain: VNode[] = [];
  for (const one of found.plain.slice(0, MOST)) plain.push(<li>{await picture(one)}</li>);
  const blurred: VNode[] = [];
  for (const one of found.blurred.slice(0, MOST)) blurred.push(<li>{await picture(one)}</li>);
  const html = pageOf(found.name, <Found {...{ found, pairs, plain, blurred }} />, STYLE);
  atomicWrite(page, (file) => writeAll(file, Buffer.from(html)));
}

function Found({ found, pairs, plain, blurred }: { found: Survey; pairs: VNode[]; plain: VNode[]; blurred: VNode[] }) {
  const counts = found.parts.map(({ part, images }) => `${images.toLocaleString('en')} ${part} images`).join(', ');
  const cut = (count: number) => (count > MOST ? `, the first ${MOST} of them here` : '');
  return (
    <>
      <h1>{found.name}</h1>
      <p>
        {counts}; {found.imageSize} x {found.imageSize} pixels as stored.
      </p>
      <Listed texts={found.warnings} />
      <Listed texts={found.notes} />
      <h2>Classes</h2>
      <Classes {...found} />
      <h2>Images that show one picture</h2>
      <p>{found.twins === null ? 'not looked for' : `${found.twins.length} pairs${cut(found.twins.length)}`}</p>
      <ul class="pictures">{pairs}</ul>
      <h2>Images of one colour</h2>
      <p>{found.plain.length}</p>
      <ul class="pictures">{plain}</ul>
      <h2>Blurred images</h2>
      <p>{found.blurred.length}, far less sharp than most of their split.</p>
      <ul class="pictures">{blurred}</ul>
    </>
  );
}

const Listed = ({ texts }: { texts: readonly string[] }) =>
  texts.length === 0 ? null : (
    <ul>
      {texts.map((text) => (
        <li>{text}</li>
      ))}
    </ul>
  );

const Classes = ({ parts, classes }: Survey) => (
  <table>
    <tr>
      <th>class</th>
      {parts.map(({ part }) => (
        <th>{part}</th>
      ))}
    </tr>
    {classes.map((one) => (
      <tr>
        <th>{one.name}</th>
        {parts.map(({ part }) => (
          <td>{one[part].toLocaleString('en')}</td>
        ))}
      </tr>
    ))}
  </table>
);
