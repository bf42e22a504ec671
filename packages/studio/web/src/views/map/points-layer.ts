/**
 * @file Points as points: deck.gl's ScatterplotLayer draws a square of four corners for each, with outlines and units that the map
 * does not need, which took 119 ms of processor time a frame for 50,000 points where the browser draws in software.
 */
import { Layer, type LayerProps } from '@deck.gl/core';
import { Model } from '@luma.gl/engine';

const vs = `#version 300 es
in vec2 positions;
in vec4 colors;
out vec4 vColor;
void main(void) {
  // A point that is hidden or nowhere is outside of what is drawn.
  bool shown = colors.a > 0.0 && !isnan(positions.x);
  gl_Position = shown ? vec4(positions * points.scale + points.offset, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = points.size;
  vColor = colors;
}`;
const fs = `#version 300 es
precision highp float;
in vec4 vColor;
out vec4 fragColor;
void main(void) {
  // A disc with an edge of one pixel.
  float edge = clamp((0.5 - length(gl_PointCoord - 0.5)) * points.size, 0.0, 1.0);
  fragColor = vec4(vColor.rgb, vColor.a * edge);
}`;
const block = `layout(std140) uniform pointsUniforms {
  vec2 scale;
  vec2 offset;
  float size;
} points;
`;
const points = {
  name: 'points',
  vs: block,
  fs: block,
  uniformTypes: { scale: 'vec2<f32>', offset: 'vec2<f32>', size: 'f32' },
} as const;

interface PointsProps {
  data: { length: number; attributes: { getPosition: object; getFillColor: object } };
  /** How many of them, from the first on. */
  drawn: number;
  /** Across, in pixels of the screen. */
  size: number;
}

export class PointsLayer extends Layer<PointsProps & LayerProps> {
  static override layerName = 'PointsLayer';
  declare state: { model: Model };

  override getShaders() {
    return super.getShaders({ vs, fs, modules: [points] });
  }

  override initializeState(): void {
    const attributes = this.getAttributeManager()!;
    attributes.remove(['instancePickingColors']);
    attributes.add({
      positions: { size: 2, type: 'float32', accessor: 'getPosition' },
      colors: { size: 4, type: 'unorm8', accessor: 'getFillColor' },
    });
    const model = new Model(this.context.device, {
      ...this.getShaders(),
      id: this.props.id,
      bufferLayout: attributes.getBufferLayouts(),
      topology: 'point-list',
    });
    this.setState({ model });
  }

  override getModels(): Model[] {
    return this.state.model ? [this.state.model] : [];
  }

  override draw(): void {
    const { model } = this.state;
    model.setVertexCount(Math.min(this.props.drawn, this.getNumInstances()));
    const { viewProjectionMatrix: m } = this.context.viewport;
    const size = this.props.size * this.context.device.canvasContext!.cssToDeviceRatio();
    model.shaderInputs.setProps({ points: { scale: [m[0], m[5]], offset: [m[12], m[13]], size } });
    model.draw(this.context.renderPass);
  }
}
