/**
 * @file What the rows share, each part made when the first row asks for it: the browser, the images, and a project that has been opened
 * before. Every row gets a copy of that project, so that none meets the labels of another.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from './browser.mjs';
import { hiddenLabels } from './images.mjs';
import { startServer, untilReady } from './server.mjs';

/** As many as a large window shows at once. */
const THUMBNAILS = 300;

export class Bench {
  #browser;
  #images;
  #known;
  #servers = new Set();

  /** @param {string} work folder for everything @param options of the command */
  constructor(work, options) {
    this.work = work;
    this.options = options;
    mkdirSync(work, { recursive: true });
  }

  browser() {
    this.#browser ??= openBrowser();
    return this.#browser;
  }

  images() {
    this.#images ??= this.#sameImages();
    return this.#images;
  }

  /** What the header says of the images, where a row has used them. */
  async inWords() {
    const images = await this.#images?.catch(() => null);
    return images ? [`${images.truth.size} images of ${images.name}`] : [];
  }

  /** Without weights there is no map, and so on. */
  requireWeights() {
    if (!this.options.weights) throw new Error('needs an encoder: --weights RUN');
  }

  /** A server with the images, decoded and with representations. */
  async known() {
    const { folder } = await this.images();
    const project = join(this.work, 'copy');
    this.#known ??= this.#prepare(folder);
    const known = await this.#known;
    rmSync(project, { recursive: true, force: true });
    cpSync(known, project, { recursive: true });
    return await this.start({ source: folder, project, weights: this.options.weights, data: this.#data });
  }

  /** Closed after the row, if it fails as well. */
  async start(options) {
    const server = await startServer(options);
    this.#servers.add(server);
    return server;
  }

  async end(server) {
    this.#servers.delete(server);
    await server.close();
  }

  async endRow() {
    for (const server of [...this.#servers]) await this.end(server);
    const browser = await this.#browser;
    for (const context of browser?.browserContexts().slice(1) ?? []) await context.close();
  }

  async close() {
    await this.endRow();
    await (await this.#browser)?.close();
  }

  get #data() {
    return join(this.work, 'data');
  }

  /** A folder that is kept between calls has the truth beside it. */
  async #sameImages() {
    const { data, images } = this.options;
    const about = join(this.work, 'images.json');
    if (existsSync(about)) {
      const { asked, truth, ...rest } = JSON.parse(readFileSync(about, 'utf8'));
      if (asked === `${data} ${images}`) return { ...rest, truth: new Map(truth) };
      for (const name of ['known', 'data']) rmSync(join(this.work, name), { recursive: true, force: true });
    }
    const made = await hiddenLabels(data, images, join(this.work, 'images'));
    writeFileSync(about, JSON.stringify({ ...made, truth: [...made.truth], asked: `${data} ${images}` }));
    return made;
  }

  async #prepare(folder) {
    const project = join(this.work, 'known');
    const server = await this.start({ source: folder, project, weights: this.options.weights, data: this.#data });
    const client = await server.client();
    const began = performance.now();
    const { images } = await untilReady(client);
    const first = Array.from({ length: Math.min(images, THUMBNAILS) }, (_, id) => client.get(`/thumb/${id}`));
    await Promise.all(first);
    await this.end(server);
    console.error(
      `       ${images} images decoded, and represented by the encoder where one was given, in ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    return project;
  }
}
