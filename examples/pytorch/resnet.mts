/** @file A residual network from its parts, with batch norm and a shortcut, as torchvision writes it. */
import * as torch from '@twoview/torch';

const { nn } = torch;
type Tensor = torch.Tensor;
await torch.load();
class BasicBlock extends nn.Module {
  conv1;
  bn1;
  conv2;
  bn2;
  downsample: torch.nn.Sequential | null;
  constructor(inp: number, out: number, stride = 1) {
    super();
    this.conv1 = this.child('conv1', new nn.Conv2d(inp, out, 3, { stride, padding: 1, bias: false }));
    this.bn1 = this.child('bn1', new nn.BatchNorm2d(out));
    this.conv2 = this.child('conv2', new nn.Conv2d(out, out, 3, { padding: 1, bias: false }));
    this.bn2 = this.child('bn2', new nn.BatchNorm2d(out));
    this.downsample =
      stride !== 1 || inp !== out
        ? this.child(
            'downsample',
            new nn.Sequential([new nn.Conv2d(inp, out, 1, { stride, bias: false }), new nn.BatchNorm2d(out)]),
          )
        : null;
  }
  forward(x: Tensor) {
    let y = this.bn1.forward(this.conv1.forward(x)).relu();
    y = this.bn2.forward(this.conv2.forward(y));
    return y.add_(this.downsample?.forward(x) ?? x).relu_();
  }
}
const net = new nn.Sequential([
  new BasicBlock(3, 16, 2),
  new BasicBlock(16, 16),
  new nn.AdaptiveAvgPool2d(1),
  new nn.Flatten(),
  new nn.Linear(16, 10),
]);
console.log(Object.keys(net.stateDict()).slice(0, 6).join(' '));
console.log(net.forward(torch.randn([4, 3, 32, 32])).shape, String(net));

const images = torch.randn([16, 3, 16, 16]);
const labels = torch.randint(0, 10, [16]);
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
const loss = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 });
for (let step = 0; step <= 20; step++) {
  const value = torch.scope(() => {
    const error = loss.forward(net.forward(images), labels);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    return error.item();
  });
  if (step % 20 === 0) console.log(`step ${step}  loss ${value.toFixed(3)}`);
}
