/**
 * @file The points on the graphics card, by deck.gl: it is told of positions and colours, and tells of pointers. Picking is done
 * here by distance instead of by drawing the points a second time, which is slow where the browser draws in software.
 */
import { Deck, OrthographicView, type OrthographicViewState } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';
import { drawingOrder, inOrder, nextCount } from '../../logic/drawn-points.js';
import { PointsLayer } from './points-layer.js';

export interface PlotPointer {
  /** Pixels from the canvas's corner. */
  pixel: [number, number];
  /** In the points' space. */
  place: [number, number];
  /** Length in the points' space of one pixel. */
  unit: number;
}

/** Without a movement for so many milliseconds all points are drawn again. */
const REST = 200;

export class Plot {
  readonly #deck: Deck<OrthographicView>;
  #view: OrthographicViewState = { target: [0, 0], zoom: 0 };
  #positions: Float32Array = new Float32Array();
  #colours: Uint8Array = new Uint8Array();
  #order: Uint32Array = new Uint32Array();
  /** Kept while it is the same: another object is sent to the graphics card again. */
  #data: PointsLayer['props']['data'] = { length: 0, attributes: { getPosition: {}, getFillColor: {} } };
  /** Points drawn while the map is moved. */
  #count = Number.POSITIVE_INFINITY;
  #movedAt = Number.NEGATIVE_INFINITY;
  #moving = false;
  #ended = false;
  #radius = 2;
  #current = -1;
  #ink: [number, number, number] = [0, 0, 0];

  constructor(
    canvas: HTMLCanvasElement,
    hooks: {
      hover: (at: PlotPointer | null) => void;
      click: (at: PlotPointer, event: MouseEvent) => void;
      error: (error: Error) => void;
    },
  ) {
    this.#deck = new Deck({
      canvas,
      width: '100%',
      height: '100%',
      views: new OrthographicView({ id: 'map', flipY: false }),
      controller: { inertia: false, doubleClickZoom: false },
      viewState: this.#view,
      // The points have smooth edges of their own; several samples a pixel cost a third of the time in software.
      deviceProps: { type: 'webgl', webgl: { antialias: false } },
      useDevicePixels: Math.min(2, devicePixelRatio),
      onViewStateChange: ({ viewState }) => {
        this.view = viewState as OrthographicViewState;
        this.#moved();
      },
      onError: (error) => hooks.error(error),
      getCursor: ({ isDragging }) => (isDragging ? 'grabbing' : 'crosshair'),
      layers: [],
    });
    canvas.addEventListener('pointermove', (event) => hooks.hover(event.buttons === 0 ? this.pointer(event) : null));
    canvas.addEventListener('pointerleave', () => hooks.hover(null));
    let down: [number, number] = [0, 0];
    canvas.addEventListener('pointerdown', (event) => {
      down = [event.clientX, event.clientY];
    });
    canvas.addEventListener('click', (event) => {
      if (Math.hypot(event.clientX - down[0], event.clientY - down[1]) < 4) hooks.click(this.pointer(event), event);
    });
  }

  get view(): OrthographicViewState {
    return this.#view;
  }
  set view(view: OrthographicViewState) {
    this.#view = view;
    this.#deck.setProps({ viewState: view });
  }

  pointer(event: MouseEvent): PlotPointer {
    const { offsetX, offsetY } = event;
    const unit = 2 ** -(this.#view.zoom as number);
    const { clientWidth, clientHeight } = event.target as HTMLElement;
    const [x, y] = this.#view.target as [number, number];
    const place: [number, number] = [x + (offsetX - clientWidth / 2) * unit, y - (offsetY - clientHeight / 2) * unit];
    return { pixel: [offsetX, offsetY], place, unit };
  }

  /** @param positions [2N]; NaN is drawn nowhere @param colours [4N] @param radius in pixels @param current has a ring; -1 for none @param ink the ring's colour */
  draw(
    positions: Float32Array,
    colours: Uint8Array,
    radius: number,
    current: number,
    ink: [number, number, number],
  ): void {
    if (positions !== this.#positions || colours !== this.#colours) this.#take(positions, colours);
    this.#radius = radius;
    this.#current = current;
    this.#ink = ink;
    this.#show();
  }

  #take(positions: Float32Array, colours: Uint8Array): void {
    const length = colours.length / 4;
    if (this.#order.length !== length) this.#order = drawingOrder(length);
    this.#positions = positions;
    this.#colours = colours;
    this.#data = {
      length,
      attributes: {
        getPosition: { value: inOrder(positions, 2, this.#order), size: 2 },
        getFillColor: { value: inOrder(colours, 4, this.#order), size: 4, normalized: true },
      },
    };
  }

  #show(): void {
    this.#deck.setProps({ layers: [this.#layer(), this.#ring()] });
  }

  /** Measures frames while the map is moved, whether or not each of them has a movement. */
  #moved(): void {
    this.#movedAt = performance.now();
    if (this.#moving) return;
    this.#moving = true;
    let before = this.#movedAt;
    const frame = (now: number) => {
      if (this.#ended) return;
      this.#moving = performance.now() - this.#movedAt < REST;
      const count = nextCount(Math.min(this.#count, this.#data.length), this.#data.length, now - before);
      before = now;
      if (this.#moving) requestAnimationFrame(frame);
      if (count === this.#count && this.#moving) return;
      this.#count = count;
      this.#show();
    };
    requestAnimationFrame(frame);
  }

  #layer(): PointsLayer {
    return new PointsLayer({
      id: 'points',
      data: this.#data,
      drawn: this.#moving ? this.#count : this.#data.length,
      size: 2 * this.#radius + 1,
      pickable: false,
    });
  }

  #ring(): ScatterplotLayer<number> {
    const place = (id: number): [number, number] => [this.#positions[2 * id]!, this.#positions[2 * id + 1]!];
    return new ScatterplotLayer<number>({
      id: 'current',
      data: this.#current >= 0 && !Number.isNaN(place(this.#current)[0]) ? [this.#current] : [],
      getPosition: place,
      getRadius: 7,
      radiusUnits: 'pixels',
      filled: false,
      stroked: true,
      getLineColor: this.#ink,
      getLineWidth: 2.5,
      lineWidthUnits: 'pixels',
    });
  }

  /** Frees the card's memory. */
  end(): void {
    this.#ended = true;
    this.#deck.finalize();
  }
}
